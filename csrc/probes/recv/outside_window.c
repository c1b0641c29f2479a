/* SPDX-License-Identifier: Apache-2.0 */
/* Data whose numbers lie outside of the receive window: before it, or ahead of all of it. */
#include "peer.h"

#include <fcntl.h>

enum { SIZE = 50, FAR_AHEAD = 1 << 20 };

int main(int argc, char **argv)
{
	unsigned char data[2 * SIZE];
	unsigned char other[SIZE];
	struct segment outside = {.flags = PSH | ACK, .data = other, .size = SIZE};
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	pattern_fill(other, sizeof other, 0, 1);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	step("inside");
	peer_sends_data(&flow, data, SIZE);
	peer_is_acknowledged(&flow);
	see_receive(BY_RECV, fd, 1000, 0);
	settle();
	step("outside");
	outside.seq_ahead = variant_is("where", "ahead") ? FAR_AHEAD : -SIZE;
	peer_sends_segment(&flow, &outside);
	settle();
	see_receive(BY_RECV, fd, 1000, 0);
	step("inside again");
	peer_sends_data(&flow, data + SIZE, SIZE);
	peer_is_acknowledged(&flow);
	see_receive(BY_RECV, fd, 1000, 0);
	return probe_end();
}
