/* SPDX-License-Identifier: Apache-2.0 */
/* What poll() reports of a connection that is open, that one or both ends have closed, or that the peer reset. */
#include "peer.h"

#include <poll.h>

static void see_events(const char *name, int fd)
{
	step("%s", name);
	see_poll(fd, POLLIN | POLLOUT | POLLRDHUP, 0);
}

static void see_closed(void)
{
	struct flow flow;
	int fd = open_flow("closed", &flow);

	see_events("open", fd);
	peer_sends(&flow, FIN | ACK);
	fence(FAR);
	see_events("the peer closed", fd);
	must(shutdown(fd, SHUT_WR));
	peer_gets(&flow, FIN);
	see_events("both closed", fd);
}

static void see_reset(void)
{
	struct flow flow;
	int fd = open_flow("reset", &flow);

	peer_sends(&flow, RST | ACK);
	fence(FAR);
	see_events("the peer reset", fd);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_closed();
	see_reset();
	return probe_end();
}
