/* SPDX-License-Identifier: Apache-2.0 */
/* A connection is reset by the peer while it waits to be accepted. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_polled_listener(5);
	peer_joins(&flow, listener);
	fence(FAR);
	peer_sends(&flow, RST);
	fence(FAR);

	step("accept");
	s = see_accept(listener, NULL);
	see_receive_now(BY_RECV, s, SAID);
	fence(NEAR);

	step("another");
	peer_joins(&flow, listener);
	see_accept_soon(listener);
	return probe_end();
}
