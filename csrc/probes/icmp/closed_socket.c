/* SPDX-License-Identifier: Apache-2.0 */
/* An ICMP error about a datagram whose socket is closed, and another socket at the same port. */
#include "peer.h"

int main(int argc, char **argv)
{
	enum { SHORT = 32 };
	unsigned char data[SHORT];
	struct flow flow;
	struct name name;
	int s;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, true);
	name = name_of_socket(s);
	send_all(s, data, sizeof data);
	peer_gets_datagram(&flow);
	must(close(s));
	step("closed");
	fence(NEAR);
	peer_sends_error(&flow, FROM_PEER, family() == AF_INET ? 3 : 1, family() == AF_INET ? 3 : 4,
			 0);
	fence(FAR);
	fence(NEAR);
	step("the next");
	s = open_socket(NEAR, SOCK_DGRAM);
	must(bind(s, &name.any, name.length));
	see_so_error(s);
	see_receive_now(BY_RECV, s, SHORT);
	return probe_end();
}
