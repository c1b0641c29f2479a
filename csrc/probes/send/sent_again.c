/* SPDX-License-Identifier: Apache-2.0 */
/* Data that the peer does not acknowledge, then acknowledges a part of, then all. */
#include "peer.h"

enum { SEGMENT = 100, SIZE = 300 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.mss = SEGMENT;
	fd = open_to_peer(&flow);
	step("sent");
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	peer_gets_data(&flow, sizeof data);
	waits("a retransmission comes after 200 ms");
	step("again");
	peer_gets_again(&flow);
	settle();
	step("a part acknowledged");
	flow.rcv_nxt = flow.irs + 1 + SEGMENT;
	peer_sends(&flow, ACK);
	flow.rcv_nxt = flow.irs + 1 + SIZE;
	peer_gets_again(&flow);
	settle();
	step("all acknowledged");
	peer_sends(&flow, ACK);
	settle();
	see_unsent(fd);
	return probe_end();
}
