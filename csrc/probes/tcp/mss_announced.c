/* SPDX-License-Identifier: Apache-2.0 */
/* The near host's SYN, on links of several MTUs, with and without TCP_MAXSEG set before. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	set_link_mtu((int)variant_number("mtu"));
	s = open_steady_socket();
	if (variant_number("maxseg"))
		see_setsockopt(s, IPPROTO_TCP, "TCP_MAXSEG", TCP_MAXSEG,
			       (int)variant_number("maxseg"));
	flow = peer_listens();
	connect_to_peer(s, &flow);
	fence(NEAR);
	return probe_end();
}
