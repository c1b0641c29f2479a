/* SPDX-License-Identifier: Apache-2.0 */
/* Data arrives behind a gap, which is then filled; the peer's SYN permitted SACK, or did not. */
#include "peer.h"

int main(int argc, char **argv)
{
	static const unsigned char sack_permitted[] = {4, 2, 1, 1};
	static const struct segment behind = {
		.flags = ACK | PSH, .seq_ahead = 10, .data = "behind", .size = 6};
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_socket();
	flow = peer_listens();
	if (variant_is("permitted", "yes"))
		add_syn_option(&flow, sack_permitted, sizeof sack_permitted);
	connect_to_peer(s, &flow);
	step("behind a gap");
	fence(NEAR);
	peer_sends_segment(&flow, &behind);
	settle();
	see_receive_now(BY_RECV, s, 64);
	step("filled");
	fence(NEAR);
	peer_sends_data(&flow, "0123456789", 10);
	flow.snd_nxt += 6;
	peer_is_acknowledged(&flow);
	fence(NEAR);
	see_receive_now(BY_RECV, s, 64);
	return probe_end();
}
