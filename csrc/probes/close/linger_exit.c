/* SPDX-License-Identifier: Apache-2.0 */
/* A process ends with a socket that has SO_LINGER and data which the peer has not acknowledged. */
#include "peer.h"

#include <sched.h>
#include <sys/wait.h>

enum { LINGER_S = 60, PATIENCE_MS = 2000 };

static void speak_and_end(struct child *self, void *argument)
{
	const int *fd = argument;

	see_speak(*fd, 0);
	meet(self);
	meet(self);
	_exit(EXIT_SUCCESS);
}

/* Whether the process is gone; one that still lingers is not (bounded). */
static bool is_gone(pid_t pid)
{
	int64_t end = now_ns() + PATIENCE_MS * INT64_C(1000000);

	while (now_ns() < end) {
		if (must(waitpid(pid, NULL, WNOHANG)) == pid)
			return true;
		sched_yield();
	}
	return false;
}

int main(int argc, char **argv)
{
	struct child child;
	struct flow flow;
	bool gone;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_set_linger(fd, 1, LINGER_S);
	child_start(&child, "child", speak_and_end, &fd);
	must(close(fd));
	meet(&child);
	peer_gets_data(&flow, SAID);
	fence(NEAR);
	meet(&child);
	gone = is_gone(child.pid);
	note_number("gone", gone);
	peer_gets(&flow, FIN);
	fence(NEAR);
	peer_sends(&flow, ACK);
	if (!gone)
		must(waitpid(child.pid, NULL, 0));
	return probe_end();
}
