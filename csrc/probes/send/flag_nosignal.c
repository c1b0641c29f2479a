/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_NOSIGNAL on a sending call that fails with EPIPE: no SIGPIPE, which comes without the flag. */
#include "kit.h"

#include <poll.h>
#include <signal.h>

enum { PATIENCE_MS = 2000 };

static void see_with(const char *name, int fd, int flags)
{
	step("%s", name);
	see_send(writer(), fd, "hello", 5, flags, NULL);
	note_number(name, signals_caught());
}

static void shut_down(struct link link)
{
	must(see_shutdown(link.near, SHUT_WR));
	see_with("shut down, with", link.near, MSG_NOSIGNAL);
	see_with("shut down, without", link.near, 0);
	see_with("shut down, with again", link.near, MSG_NOSIGNAL);
}

static void lose_peer(struct link link)
{
	must(see_close(link.far));
	await_poll(link.near, POLLRDHUP);
	/* Over TCP the first is answered with a reset, and only then there is EPIPE. */
	see_with("peer gone, the first", link.near, MSG_NOSIGNAL);
	see_poll(link.near, POLLERR, family() == AF_UNIX ? 0 : PATIENCE_MS);
	see_with("peer gone, with", link.near, MSG_NOSIGNAL);
	see_with("peer gone, without", link.near, 0);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	catch_signal(SIGPIPE, 0);
	shut_down(open_stream_link());
	lose_peer(open_stream_link());
	return probe_end();
}
