/* SPDX-License-Identifier: Apache-2.0 */
/* TCP_CORK: small writes, then enough for a segment, then the cork is pulled. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
#ifdef TCP_CORK
	unsigned char full[IPV4_MSS];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	pattern_fill(full, sizeof full, 0, 0);
	if (variant_is("nodelay", "on"))
		see_setsockopt(s, IPPROTO_TCP, "TCP_NODELAY", TCP_NODELAY, 1);
	see_setsockopt(s, IPPROTO_TCP, "TCP_CORK", TCP_CORK, 1);

	step("small");
	fence(NEAR);
	see_send(BY_WRITE, s, "abc", 3, 0, NULL);
	see_send(BY_WRITE, s, "de", 2, 0, NULL);
	fence(NEAR);

	step("more than a segment");
	fence(NEAR);
	see_send(BY_WRITE, s, full, flow.mss, 0, NULL);
	fence(NEAR);

	step("pulled");
	fence(NEAR);
	see_setsockopt(s, IPPROTO_TCP, "TCP_CORK", TCP_CORK, 0);
	fence(NEAR);
#else
	probe_begin(argc, argv);
	unsupported("TCP_CORK", 0);
#endif
	return probe_end();
}
