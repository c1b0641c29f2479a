/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that come before the one in front of them, while a receiving call waits. */
#include "peer.h"

enum { SEGMENT = 100 };

int main(int argc, char **argv)
{
	unsigned char data[3 * SEGMENT];
	struct segment later = {.flags = PSH | ACK, .size = SEGMENT};
	struct receiver receiver;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	receiver_start(&receiver, "reader", BY_RECV, fd, 1000, 0);
	see_receiver_asleep(&receiver);
	settle();
	for (int i = 1; i < 3; i++) {
		step("gap, %d behind it", i);
		later.seq_ahead = i * SEGMENT;
		later.data = data + later.seq_ahead;
		peer_sends_segment(&flow, &later);
		settle();
		see_receiver_asleep(&receiver);
		see_unread(fd);
	}
	step("filled");
	peer_sends_data(&flow, data, SEGMENT);
	settle();
	flow.snd_nxt += 2 * SEGMENT;
	sleeper_end(&receiver.sleeper);
	return probe_end();
}
