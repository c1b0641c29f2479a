/* SPDX-License-Identifier: Apache-2.0 */
/* A SYN comes within a connection that is established, in or out of its window. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct segment syn;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	syn = segment_told();
	syn.seq_ahead = (int32_t)variant_number("seq_ahead");
	if (variant_is("side", "client"))
		flow = peer_listens();
	s = variant_is("side", "client") ? open_to_peer(&flow)
					 : accept_from_peer(open_listener(NEAR, 5), &flow);

	step("syn");
	fence(NEAR);
	peer_sends_segment(&flow, &syn);
	settle();

	step("alive");
	see_peer_exchange(&flow, s);
	return probe_end();
}
