/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP connection whose data are never acknowledged, with and without ICMP errors about them. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	enum { LIMIT_MS = 300 };
	struct receiver receiver;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = open_to_peer(&flow);
#ifdef TCP_USER_TIMEOUT
	see_setsockopt(s, IPPROTO_TCP, "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT, LIMIT_MS);
#else
	unsupported("TCP_USER_TIMEOUT", 0);
#endif
	see_speak(s, 1);
	peer_gets_data(&flow, SAID);
	if (variant_is("error", "host_unreachable"))
		peer_sends_error(&flow, FROM_ROUTER, family() == AF_INET ? 3 : 1,
				 family() == AF_INET ? 1 : 3, 0);
	fence(FAR);
	receiver_start(&receiver, "receiver", BY_RECV, s, SAID, 0);
	see_receiver_asleep(&receiver);
	waits("TCP gives a connection up only after some retransmissions");
	sleeper_join(&receiver.sleeper);
	see_so_error(s);
	see_tcp_state(s);
	return probe_end();
}
