/* SPDX-License-Identifier: Apache-2.0 */
/* TCP_CORK that is never pulled. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
#ifdef TCP_CORK
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = open_to_peer(&flow);
	see_setsockopt(s, IPPROTO_TCP, "TCP_CORK", TCP_CORK, 1);
	see_send(BY_WRITE, s, "abc", 3, 0, NULL);
	waits("TCP_CORK holds data for 200 ms at most");
	peer_gets_data(&flow, 3);
	fence(NEAR);
	see_getsockopt(s, IPPROTO_TCP, "TCP_CORK", TCP_CORK);
#else
	probe_begin(argc, argv);
	unsupported("TCP_CORK", 0);
#endif
	return probe_end();
}
