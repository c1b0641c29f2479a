/* SPDX-License-Identifier: Apache-2.0 */
/* What listen() returns, and whether the socket then listens. */
#include "kit.h"

#include <limits.h>

static void see_listening(const char *what, int s, int backlog)
{
	step("%s", what);
	see_listen(s, backlog);
	see_getsockopt(s, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
}

static void see_successes(void)
{
	int s = open_bound(NEAR, SOCK_STREAM);

	see_listening("bound", s, 5);
	see_listening("listening already", s, 7);
	see_listening("backlog 0", open_bound(NEAR, SOCK_STREAM), 0);
	see_listening("backlog below 0", open_bound(NEAR, SOCK_STREAM), -1);
	see_listening("the largest backlog", open_bound(NEAR, SOCK_STREAM), INT_MAX);
	if (family() != AF_UNIX)
		see_listening("unbound", open_socket(NEAR, SOCK_STREAM), 1);
}

static void see_failures(void)
{
	struct link link = open_stream_link();
	int ends[2];

	see_listening("connected", link.near, 1);
	see_listening("a datagram socket", open_bound(NEAR, SOCK_DGRAM), 1);
	if (family() == AF_UNIX)
		see_listening("unbound", open_socket(NEAR, SOCK_STREAM), 1);
	must(pipe(ends));
	step("no socket");
	see_listen(ends[0], 1);
	must(close(ends[0]));
	step("closed");
	see_listen(ends[0], 1);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_successes();
	see_failures();
	return probe_end();
}
