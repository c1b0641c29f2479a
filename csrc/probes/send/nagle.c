/* SPDX-License-Identifier: Apache-2.0 */
/* Small writes while the peer has not acknowledged what was sent before them, and then it has. */
#include "peer.h"

/* Two writes, each shorter than a segment. */
static void write_two(int s)
{
	fence(NEAR);
	see_send(BY_WRITE, s, "bc", 2, 0, NULL);
	see_send(BY_WRITE, s, "def", 3, 0, NULL);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	unsigned char full[IPV4_MSS];
	struct flow flow;
	size_t size;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	size = variant_is("first", "full") ? flow.mss : 1;
	pattern_fill(full, sizeof full, 0, 0);

	step("nothing unacknowledged");
	fence(NEAR);
	see_send(BY_WRITE, s, full, size, 0, NULL);
	fence(NEAR);
	peer_gets_data(&flow, size);

	step("unacknowledged");
	write_two(s);

	step("acknowledged");
	fence(NEAR);
	peer_sends(&flow, ACK);
	settle();
	return probe_end();
}
