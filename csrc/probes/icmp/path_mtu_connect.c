/* SPDX-License-Identifier: Apache-2.0 */
/* A connect() whose SYN is answered by an ICMP message about the path's MTU, and only then by the peer. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct connector client;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = open_socket(NEAR, SOCK_STREAM);
	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);
	see_asleep(&client.sleeper, "connect");
	peer_tells_mtu(&flow, FROM_ROUTER, (int)variant_number("mtu"));
	fence(FAR);
	peer_sends(&flow, SYN | ACK);
	sleeper_end(&client.sleeper);
	see_so_error(s);
	return probe_end();
}
