/* SPDX-License-Identifier: Apache-2.0 */
/* References to a socket: how many there are, and who has them, is known at any time. */
#include "internal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static const char role[] = "hold";

/* --- the process that has it --------------------------------------------------------------------- */

enum wish { SAY, ARRIVAL, SHUTDOWN, CLOSE, EXIT, EXEC };

struct request {
	enum wish wish;
	int value; /* the seed, the size, or how */
};

/* What a child inherited would hold the probe's sockets as well. */
static void close_all_but(int kept)
{
	for (int fd = STDERR_FILENO + 1; fd < KIT_FDS; fd++) {
		if (fd == kept)
			continue;
		close(fd);
		side_of_fd_set(fd, NEAR);
	}
}

static void serve(struct child *self, int fd, const struct request *request)
{
	switch (request->wish) {
	case SAY:
		see_speak(fd, (unsigned)request->value);
		break;
	case ARRIVAL:
		see_arrival(fd, (size_t)request->value);
		break;
	case SHUTDOWN:
		see_shutdown(fd, request->value);
		break;
	case CLOSE:
		see_close(fd);
		break;
	case EXEC:
		must(fcntl(fd, F_SETFD, FD_CLOEXEC));
		exec_child(self, role, fd);
	case EXIT:
		_exit(EXIT_SUCCESS);
	}
	meet(self);
}

static _Noreturn void serve_all(struct child *self, int fd)
{
	struct request request;

	meet(self);
	while (recv(self->meet_fd, &request, sizeof request, MSG_WAITALL) == sizeof request)
		serve(self, fd, &request);
	_exit(EXIT_SUCCESS);
}

void hold_role(void)
{
	struct child self;

	if (!role_is(role))
		return;
	self = child_after_exec();
	serve_all(&self, inherited_fd());
}

static void forked(struct child *self, void *argument)
{
	const int *fd = argument;

	close_all_but(*fd);
	serve_all(self, *fd);
}

static void replaced(struct child *self, void *argument)
{
	const int *fd = argument;

	close_all_but(*fd);
	must(fcntl(*fd, F_SETFD, 0));
	exec_child(self, role, *fd);
}

static void taker(struct child *self, void *argument)
{
	const int *over = argument;
	int fd;

	close_all_but(*over);
	fd = take_fd(*over);
	close(*over);
	serve_all(self, fd);
}

/* --- the kinds --------------------------------------------------------------------------------------- */

static void by_dup(struct hold *hold, int fd)
{
	hold->fd = see_dup(fd);
}

static void by_dup2(struct hold *hold, int fd)
{
	hold->fd = see_dup2(fd, must(dup(STDERR_FILENO)));
}

static void by_fork(struct hold *hold, int fd)
{
	child_start(&hold->child, hold->kind, forked, &fd);
	meet(&hold->child);
}

static void by_exec(struct hold *hold, int fd)
{
	child_start(&hold->child, hold->kind, replaced, &fd);
	meet(&hold->child);
}

static void by_rights(struct hold *hold, int fd)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	child_start(&hold->child, hold->kind, taker, &ends[1]);
	pass_fd(ends[0], fd);
	meet(&hold->child);
	close(ends[0]);
	close(ends[1]);
}

static void by_message(struct hold *hold, int fd)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	pass_fd(ends[0], fd);
	close(ends[0]);
	hold->over = ends[1];
}

void hold_start(struct hold *hold, const char *kind, int fd)
{
	static const struct {
		const char *kind;
		void (*start)(struct hold *, int);
	} kinds[] = {
		{"dup", by_dup},   {"dup2", by_dup2},	  {"fork", by_fork},
		{"exec", by_exec}, {"rights", by_rights}, {"in_flight", by_message},
	};

	*hold = (struct hold){.kind = kind, .fd = -1, .over = -1};
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		kinds[i].start(hold, fd);
		return;
	}
	fault("no such kind of reference: %s", kind);
}

/* --- through it ------------------------------------------------------------------------------------ */

static void ask(struct hold *hold, enum wish wish, int value)
{
	struct request request = {.wish = wish, .value = value};

	if (send(hold->child.meet_fd, &request, sizeof request, MSG_NOSIGNAL) != sizeof request)
		fault("%s: the process that holds the descriptor is gone", hold->kind);
	if (wish != EXIT)
		meet(&hold->child);
}

/* The descriptor if this process has it; a message is received for it. */
static int own_fd(struct hold *hold)
{
	if (hold->over < 0)
		return hold->fd;
	hold->fd = take_fd(hold->over);
	side_of_fd_set(hold->fd, NEAR);
	close(hold->over);
	hold->over = -1;
	return hold->fd;
}

void hold_say(struct hold *hold, unsigned seed)
{
	if (hold->child.pid)
		ask(hold, SAY, (int)seed);
	else
		see_speak(own_fd(hold), seed);
}

void hold_arrival(struct hold *hold, size_t size)
{
	if (hold->child.pid)
		ask(hold, ARRIVAL, (int)size);
	else
		see_arrival(own_fd(hold), size);
}

void hold_shutdown(struct hold *hold, int how)
{
	if (hold->child.pid)
		ask(hold, SHUTDOWN, how);
	else
		see_shutdown(own_fd(hold), how);
}

void hold_exchange(struct hold *hold, int far, unsigned seed)
{
	hold_say(hold, seed);
	see_arrival(far, SAID);
	see_speak(far, seed + 1);
	hold_arrival(hold, SAID);
}

static void killed(struct hold *hold)
{
	must(kill(hold->child.pid, SIGKILL));
	must(waitpid(hold->child.pid, NULL, 0));
	close(hold->child.meet_fd);
}

void hold_end(struct hold *hold, enum hold_end way)
{
	if (!hold->child.pid) {
		see_close(own_fd(hold));
		return;
	}
	if (way == END_KILL) {
		killed(hold);
		return;
	}
	if (way == END_CLOSE)
		ask(hold, CLOSE, 0);
	if (way == END_EXEC) {
		ask(hold, EXEC, 0);
		ask(hold, SAY, 0);
	}
	ask(hold, EXIT, 0);
	child_join(&hold->child);
}
