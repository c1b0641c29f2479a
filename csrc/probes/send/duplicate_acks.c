/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate ACKs for a segment that the peer says it lacks, three of them. */
#include "peer.h"

enum { SEGMENT = 100, SIZE = 600 };

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
	step("sent");
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	peer_gets_data(&flow, sizeof data);
	flow.rcv_nxt = flow.irs + 1 + SEGMENT;
	peer_sends(&flow, ACK);
	settle();
	step("duplicates");
	for (int i = 0; i < 3; i++)
		peer_sends(&flow, ACK);
	settle();
	step("acknowledged");
	flow.rcv_nxt = flow.irs + 1 + SIZE;
	peer_sends(&flow, ACK);
	settle();
	see_unsent(fd);
	return probe_end();
}
