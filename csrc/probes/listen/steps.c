/* SPDX-License-Identifier: Apache-2.0 */
/* A listener while a peer makes the three steps of a handshake, one by one. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int listener;
	int s;

	probe_begin(argc, argv);
	if (variant_number("mtu") != LINK_MTU)
		set_link_mtu((int)variant_number("mtu"));
	fence(NEAR);
	listener = open_polled_listener(5);
	fence(NEAR);

	step("syn");
	peer_begins(&flow, listener);
	see_queue(listener);

	step("ack");
	peer_sends(&flow, ACK);
	s = see_accept_soon(listener);
	see_both_names(s);
	see_peer_exchange(&flow, s);
	note_name("client", &flow.far);
	return probe_end();
}
