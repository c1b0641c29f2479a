/* SPDX-License-Identifier: Apache-2.0 */
/* A second process: they meet at a pipe, and pass descriptors. */
#include "internal.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int high(int fd)
{
	int number = must(fcntl(fd, F_DUPFD_CLOEXEC, 700));

	close(fd);
	return number;
}

void child_start(struct child *child, const char *who, void (*body)(struct child *, void *),
		 void *argument)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	*child = (struct child){.who = who};
	child->pid = must(fork());
	child->meet_fd = high(ends[child->pid == 0]);
	close(ends[child->pid != 0]);
	if (child->pid)
		return;
	log_who = who;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* no child outlives the probe, on any stage */
	body(child, argument);
	_exit(EXIT_SUCCESS);
}

void meet(struct child *child)
{
	char byte = 'm';

	if (send(child->meet_fd, &byte, 1, MSG_NOSIGNAL) != 1 ||
	    recv(child->meet_fd, &byte, 1, MSG_WAITALL) != 1)
		fault("%s: the other process did not come to the meeting", log_who);
}

void child_join(struct child *child)
{
	int status;

	must(waitpid(child->pid, &status, 0));
	close(child->meet_fd);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fault("%s ended with status 0x%x", child->who, (unsigned)status);
}

static const char *signal_name(int number)
{
	static const struct symbol signals[] = {
		SYMBOL(SIGABRT), SYMBOL(SIGBUS),  SYMBOL(SIGFPE),  SYMBOL(SIGILL),
		SYMBOL(SIGKILL), SYMBOL(SIGPIPE), SYMBOL(SIGSEGV), SYMBOL(SIGTRAP),
	};

	return symbol_of(signals, COUNT(signals), number);
}

void note_end_of(void (*body)(void))
{
	pid_t pid = must(fork());
	const char *name;
	char text[32];
	int status;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* no child outlives the probe, on any stage */
		signal(SIGSEGV, SIG_DFL);	  /* a sanitizer's handler would exit instead */
		signal(SIGBUS, SIG_DFL);
		body();
		_exit(EXIT_SUCCESS);
	}
	must(waitpid(pid, &status, 0));
	name = WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : NULL;
	if (WIFEXITED(status))
		snprintf(text, sizeof text, "exit %d", WEXITSTATUS(status));
	else
		snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
	note_text("ended", name ? name : text);
}

/* --- the other host ------------------------------------------------------------------------------- */

void move_to_far_host(void)
{
	char folder[256];

	if (strcmp(stage(), "pair") != 0)
		fault("stage %s has one host", stage());
	if (!getcwd(folder, sizeof folder))
		fault_at("getcwd()", errno, __FILE__, __LINE__);
	go_far();
	capabilities_back();
	must(unshare(CLONE_NEWNS));
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=700"));
	must(chdir(folder));
	capabilities_aside();
}

/* --- SCM_RIGHTS ----------------------------------------------------------------------------------- */

union one_fd {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

void pass_fd(int over, int fd)
{
	char byte = 'f';
	union one_fd control = {.header = {.cmsg_len = CMSG_LEN(sizeof fd),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_RIGHTS}};
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	must(sendmsg(over, &message, MSG_NOSIGNAL));
}

int take_fd(int over)
{
	char byte;
	union one_fd control;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};
	struct cmsghdr *header;
	int fd;

	must(recvmsg(over, &message, MSG_CMSG_CLOEXEC));
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		fault("no descriptor came with the message");
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}
