/* SPDX-License-Identifier: Apache-2.0 */
/* A write of more than three segments: what the peer's SYN, the link or an option says is the limit. */
#include "peer.h"

#include <netinet/tcp.h>

enum { WRITTEN = 5000 };

int main(int argc, char **argv)
{
	/* NOP, NOP, a timestamp (RFC 7323, 3.2) */
	static const unsigned char timestamp[] = {1, 1, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0};
	unsigned char data[WRITTEN];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	set_link_mtu((int)variant_number("mtu"));
	pattern_fill(data, sizeof data, 0, 0);
	s = open_steady_socket();
	flow = peer_listens();
	flow.mss = (uint16_t)variant_number("mss");
	if (variant_is("timestamps", "on"))
		add_syn_option(&flow, timestamp, sizeof timestamp);
	if (variant_number("maxseg"))
		see_setsockopt(s, IPPROTO_TCP, "TCP_MAXSEG", TCP_MAXSEG,
			       (int)variant_number("maxseg"));
	connect_to_peer(s, &flow);
	see_getsockopt(s, IPPROTO_TCP, "TCP_MAXSEG", TCP_MAXSEG);
	fence(NEAR);
	see_send(BY_WRITE, s, data, sizeof data, 0, NULL);
	peer_takes(&flow, sizeof data);
	fence(NEAR);
	return probe_end();
}
