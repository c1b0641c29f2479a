/* SPDX-License-Identifier: Apache-2.0 */
/* write() on a connection that the peer has closed, in a process that leaves SIGPIPE as it was given. */
#include "kit.h"

#include <poll.h>
#include <signal.h>

enum { PATIENCE_MS = 2000 };

static int broken;

static void write_to_broken(void)
{
	see_send(BY_WRITE, broken, "hello", 5, 0, NULL);
}

static void write_by_default(void)
{
	signal(SIGPIPE, SIG_DFL);
	write_to_broken();
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();
	must(see_close(link.far));
	await_poll(link.near, POLLRDHUP);
	if (send(link.near, "first", 5, MSG_NOSIGNAL) > 0)
		see_poll(link.near, POLLERR, PATIENCE_MS);
	broken = link.near;
	step("SIGPIPE ignored");
	note_end_of(write_to_broken);
	step("SIGPIPE by default");
	note_end_of(write_by_default);
	return probe_end();
}
