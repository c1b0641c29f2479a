/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's SYN+ACK comes twice, as if the ACK had been lost. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = see_connect_begin(&flow);
	peer_sends(&flow, SYN | ACK);
	see_connect_end(s);
	peer_gets(&flow, ACK);

	step("again");
	fence(NEAR);
	peer_sends_segment(&flow, &(struct segment){.flags = SYN | ACK, .seq_ahead = -1});
	settle();

	step("alive");
	see_peer_exchange(&flow, s);
	return probe_end();
}
