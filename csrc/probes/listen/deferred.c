/* SPDX-License-Identifier: Apache-2.0 */
/* A listener with TCP_DEFER_ACCEPT, when a handshake is complete and when data have come. */
#include "peer.h"

#include <netinet/tcp.h>

enum { WAIT_S = 10 };

static void defer(int listener)
{
#ifdef TCP_DEFER_ACCEPT
	need_option(listener, IPPROTO_TCP, "TCP_DEFER_ACCEPT", TCP_DEFER_ACCEPT, WAIT_S);
#else
	(void)listener;
	unsupported("TCP_DEFER_ACCEPT", 0);
#endif
}

int main(int argc, char **argv)
{
	struct flow flow;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_polled_listener(5);
	defer(listener);

	step("handshake");
	peer_joins(&flow, listener);
	see_queue(listener);

	step("data");
	peer_sends_data(&flow, "hello", 5);
	s = see_accept_soon(listener);
	see_receive_now(BY_RECV, s, SAID);
	return probe_end();
}
