/* SPDX-License-Identifier: Apache-2.0 */
/* A segment that acknowledges data which was never sent. */
#include "peer.h"

enum { SIZE = 100, AHEAD = 1000 };

int main(int argc, char **argv)
{
	struct segment ahead = {.flags = ACK, .ack_ahead = AHEAD};
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	peer_gets_data(&flow, sizeof data);
	settle();
	step("sent");
	see_unsent(fd);
	step("unsent acknowledged");
	peer_sends_segment(&flow, &ahead);
	settle();
	see_unsent(fd);
	step("sent acknowledged");
	peer_sends(&flow, ACK);
	settle();
	see_unsent(fd);
	see_tcp_state(fd);
	return probe_end();
}
