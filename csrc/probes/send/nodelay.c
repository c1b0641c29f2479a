/* SPDX-License-Identifier: Apache-2.0 */
/* TCP_NODELAY: small writes, of which the peer acknowledges none. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	see_setsockopt(s, IPPROTO_TCP, "TCP_NODELAY", TCP_NODELAY, 1);
	fence(NEAR);
	see_send(writer(), s, "a", 1, 0, NULL);
	fence(NEAR);
	see_send(writer(), s, "bc", 2, 0, NULL);
	fence(NEAR);
	see_send(writer(), s, "def", 3, 0, NULL);
	fence(NEAR);
	return probe_end();
}
