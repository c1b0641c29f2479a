/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP connection whose segments are too big for a link on the way. */
#include "peer.h"

#include <fcntl.h>

enum { SEGMENTS = 3, LONG = SEGMENTS * IPV4_MSS };

int main(int argc, char **argv)
{
	static unsigned char data[LONG];
	struct flow flow;
	size_t size;
	int s;

	probe_begin(argc, argv);
	size = SEGMENTS * (size_t)(family() == AF_INET ? IPV4_MSS : IPV6_MSS);
	flow = peer_listens();
	s = open_to_peer(&flow);
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	pattern_fill(data, sizeof data, 0, 1);
	see_path_mtu(s);
	see_send(BY_SEND, s, data, size, 0, NULL);
	peer_gets_data(&flow, size);
	step("told");
	peer_tells_mtu(&flow, FROM_ROUTER, (int)variant_number("mtu"));
	if (variant_is("smaller", "yes"))
		peer_gets_again(&flow);
	fence(FAR);
	see_so_error(s);
	see_path_mtu(s);
	see_tcp_state(s);
	peer_sends(&flow, ACK);
	fence(FAR);
	step("later");
	see_send(BY_SEND, s, data, size, 0, NULL);
	peer_gets_data(&flow, size);
	fence(NEAR);
	return probe_end();
}
