/* SPDX-License-Identifier: Apache-2.0 */
/* A smaller window than before, told by a segment that has the same numbers as the last one. */
#include "peer.h"

enum { SEGMENT = 100, SIZE = 1000, OFFER = 200 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.mss = SEGMENT;
	fd = open_prompt_to_peer(&flow);
	peer_offers(&flow, UINT16_MAX);
	peer_offers(&flow, OFFER);
	settle();
	step("reduced");
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	settle();
	step("opened");
	peer_offers(&flow, UINT16_MAX);
	peer_takes(&flow, sizeof data);
	return probe_end();
}
