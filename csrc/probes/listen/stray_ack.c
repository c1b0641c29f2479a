/* SPDX-License-Identifier: Apache-2.0 */
/* In answer to a SYN+ACK comes a segment that does not complete the handshake. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct segment stray;
	struct flow other;
	struct flow flow;
	int listener;

	probe_begin(argc, argv);
	stray = segment_told();
	stray.ack_ahead = (int32_t)variant_number("ack_ahead");
	stray.seq_ahead = stray.flags & SYN ? -1 : 0;
	listener = open_polled_listener(5);
	peer_begins(&flow, listener);

	step("stray");
	fence(NEAR);
	peer_sends_segment(&flow, &stray);
	see_queue(listener);
	fence(NEAR);

	step("ack");
	peer_sends(&flow, ACK);
	see_queue(listener);
	fence(NEAR);

	step("another");
	peer_joins(&other, listener);
	see_accept_soon(listener);
	return probe_end();
}
