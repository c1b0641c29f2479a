/* SPDX-License-Identifier: Apache-2.0 */
/* A write that fills a segment while the peer has not acknowledged a small one. */
#include "peer.h"

int main(int argc, char **argv)
{
	unsigned char full[IPV4_MSS];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	pattern_fill(full, sizeof full, 0, 0);
	see_send(BY_WRITE, s, "a", 1, 0, NULL);
	peer_gets_data(&flow, 1);
	step("full");
	fence(NEAR);
	see_send(BY_WRITE, s, full, flow.mss, 0, NULL);
	fence(NEAR);
	return probe_end();
}
