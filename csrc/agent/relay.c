/* SPDX-License-Identifier: Apache-2.0 */
/* The relay of a job whose lie is told on the wire: a process of the keeper's that stands between the near
 * host's link and the network.  What the rule says is for the relay alone. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The numbers that lies/relay.c has them under; far above they stand while they are put in order. */
enum {
	TAP = 3,
	INNER,
	PEER,
	SEEN_IN,
	SEEN_OUT,
	STAMPS,
	READY,
	LOG,
	RELAY_FDS,
};

enum { HIGH_FD = 600 };

static bool is_of_the_wire(const char *rule)
{
	return !strncmp(rule, "wire:", strlen("wire:"));
}

const char *relay_wrong(const struct job *job)
{
	if (job->lie && is_of_the_wire(job->lie) && job->stage != STAGE_WIRE)
		return "lies on the wire need the stage wire";
	return NULL;
}

bool relay_wanted(const struct job *job)
{
	return job->lie && job->stage == STAGE_WIRE &&
	       (is_of_the_wire(job->lie) || !strcmp(job->lie, "none"));
}

static void relay_path(char *path, size_t size, const char *probes)
{
	snprintf(path, size, "%s/../sockspec-relay", probes);
}

bool relay_is_there(const char *probes)
{
	char path[4096];

	relay_path(path, sizeof path, probes);
	return !access(path, X_OK);
}

/* Puts them in order as STDIN_FILENO and so on. */
static void arrange(int *fds, int count)
{
	for (int i = 0; i < count; i++)
		fds[i] = fcntl(fds[i], F_DUPFD, HIGH_FD);
	for (int i = 0; i < count; i++)
		dup2(fds[i], i);
	close_from(count);
}

static _Noreturn void become_relay(const struct stage *stage, const struct job *job,
				   const struct relay_voice *voice, const char *path, int ready)
{
	int null_fd = open("/dev/null", O_RDWR);
	int fds[RELAY_FDS] = {
		null_fd,
		null_fd,
		voice->error_fd,
		[TAP] = stage->tap_fd,
		[INNER] = stage->inner_fd,
		[PEER] = stage->relay_fd,
		[SEEN_IN] = stage->outer.in_fd,
		[SEEN_OUT] = stage->outer.out_fd,
		[STAMPS] = voice->stamps_fd < 0 ? null_fd : voice->stamps_fd,
		[READY] = ready,
		[LOG] = voice->log_fd,
	};
	char t0[24];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(t0, sizeof t0, "%lld", (long long)voice->t0);
	arrange(fds, RELAY_FDS);
	execl(path, path, job->lie, stage->inner_ether ? "ether" : "ip", t0, (char *)NULL);
	dprintf(READY, "%s: %s", path, strerror(errno));
	_exit(EXIT_FAILURE);
}

/* What the relay has to say before it begins: nothing, or why it does not. */
static bool is_ready(int fd, char *why, size_t size)
{
	ssize_t got;

	do
		got = read(fd, why, size - 1);
	while (got < 0 && errno == EINTR);
	close(fd);
	why[got > 0 ? got : 0] = '\0';
	return !got;
}

pid_t relay_start(const struct stage *stage, const struct job *job, const char *probes,
		  const struct relay_voice *voice, char *why, size_t size)
{
	char path[4096];
	int ready[2];
	pid_t pid;

	relay_path(path, sizeof path, probes);
	if (pipe2(ready, O_CLOEXEC)) {
		snprintf(why, size, "pipe(): %s", strerror(errno));
		return -1;
	}
	pid = fork();
	if (!pid)
		become_relay(stage, job, voice, path, ready[1]);
	close(ready[1]);
	if (is_ready(ready[0], why, size) && pid > 0)
		return pid;
	return -1;
}
