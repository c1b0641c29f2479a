/* SPDX-License-Identifier: Apache-2.0 */
/* The bare cost of a job: clone() into new namespaces, fork(), exec() of the probe, and their end.
 *
 * usage: bare COUNT PARALLEL FLAGS PROGRAM [ARGUMENT...]
 * FLAGS: "none", or "namespaces" for the same namespaces as a job of stage lo.  No link is set up,
 * nothing is captured, nothing is read.  Prints the ns that all of it took. */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(EXIT_FAILURE);
	close(fd);
}

static void map_user(uid_t uid, gid_t gid)
{
	char line[64];

	write_file("/proc/self/setgroups", "deny");
	snprintf(line, sizeof line, "0 %u 1", (unsigned)uid);
	write_file("/proc/self/uid_map", line);
	snprintf(line, sizeof line, "0 %u 1", (unsigned)gid);
	write_file("/proc/self/gid_map", line);
}

static _Noreturn void one_job(char **program)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		int null_fd = open("/dev/null", O_RDWR);

		dup2(null_fd, STDOUT_FILENO);
		execv(program[0], program);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	int namespaces = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int64_t begin = now_ns();
	int running = 0;
	int count;
	int parallel;
	int flags;

	if (argc < 5)
		return 2;
	count = atoi(argv[1]);
	parallel = atoi(argv[2]);
	flags = strcmp(argv[3], "none") ? namespaces : 0;
	for (int i = 0; i < count || running; i++) {
		int status;

		if (i < count) {
			long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

			if (pid < 0)
				return EXIT_FAILURE;
			if (!pid) {
				if (flags)
					map_user(uid, gid);
				one_job(argv + 4);
			}
			running++;
		}
		if (running < parallel && i < count)
			continue;
		if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
			return EXIT_FAILURE;
		running--;
	}
	printf("%" PRId64 "\n", now_ns() - begin);
	return EXIT_SUCCESS;
}
