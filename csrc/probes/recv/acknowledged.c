/* SPDX-License-Identifier: Apache-2.0 */
/* The ACKs of full-sized segments that come two by two, read at once or not at all. */
#include "peer.h"

enum { PAIRS = 20 };

int main(int argc, char **argv)
{
	static unsigned char data[IPV4_MSS];
	size_t segment;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	segment = flow.mss; /* the link is the same both ways */
	fd = open_prompt_to_peer(&flow);
	for (int i = 1; i <= PAIRS; i++) {
		step("pair %d", i);
		peer_sends_data(&flow, data, segment);
		peer_sends_data(&flow, data, segment);
		settle();
		if (variant_is("read", "yes"))
			see_receive(BY_RECV, fd, 2 * segment, MSG_DONTWAIT);
	}
	return probe_end();
}
