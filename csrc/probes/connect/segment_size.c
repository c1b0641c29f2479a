/* SPDX-License-Identifier: Apache-2.0 */
/* How long segments are towards a peer whose SYN+ACK announces this MSS, or none. */
#include "peer.h"

enum { SENT = 2800 };

int main(int argc, char **argv)
{
	static unsigned char data[SENT];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	if (variant_number("mtu") != LINK_MTU)
		set_link_mtu((int)variant_number("mtu"));
	flow = peer_listens();
	flow.mss = (uint16_t)variant_number("mss");
	s = open_steady_socket();
	connect_to_peer(s, &flow);
	pattern_fill(data, sizeof data, 0, 0);
	see_send(BY_SEND, s, data, sizeof data, 0, NULL);
	peer_takes(&flow, sizeof data);
	return probe_end();
}
