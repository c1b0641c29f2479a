/* SPDX-License-Identifier: Apache-2.0 */
/* A segment of no connection comes to a listener, and then a SYN. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct segment segment;
	struct flow stray;
	struct flow flow;
	int listener;

	probe_begin(argc, argv);
	segment = segment_told();
	segment.ack_ahead = 4711; /* of 0: the peer was told no number */
	listener = open_polled_listener(5);
	stray = peer_calls(listener);

	step("stray");
	fence(NEAR);
	peer_sends_segment(&stray, &segment);
	see_queue(listener);
	fence(NEAR);

	step("syn");
	peer_joins(&flow, listener);
	see_accept_soon(listener);
	return probe_end();
}
