/* SPDX-License-Identifier: Apache-2.0 */
/* How many bytes ioctl() says are unsent: none sent, some sent, some acknowledged, all acknowledged. */
#include "peer.h"

enum { SEGMENT = 100, SIZE = 1000, PART = 300 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.mss = SEGMENT;
	flow.window = 0;
	fd = open_prompt_to_peer(&flow);
	step("none sent");
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	settle();
	see_unsent(fd);
	step("a part sent");
	peer_offers(&flow, PART);
	peer_gets_data(&flow, PART);
	settle();
	see_unsent(fd);
	step("a part acknowledged");
	peer_offers(&flow, 0);
	settle();
	see_unsent(fd);
	step("all acknowledged");
	peer_offers(&flow, SIZE);
	peer_takes(&flow, SIZE - PART);
	settle();
	see_unsent(fd);
	return probe_end();
}
