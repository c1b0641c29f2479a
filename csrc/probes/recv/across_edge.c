/* SPDX-License-Identifier: Apache-2.0 */
/* A segment that begins inside of the receive window and ends beyond it, before and after data is unread. */
#include "peer.h"

enum { BUFFER = 2048, UNREAD = 100, INSIDE = 300, BEYOND = 50, SIZE = 16384 };

static unsigned char data[SIZE];

int main(int argc, char **argv)
{
	struct segment across = {.flags = PSH | ACK, .size = INSIDE + BEYOND};
	struct flow flow;
	uint32_t begin;
	size_t room;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	fd = accept_with_buffer(BUFFER, &flow);
	begin = flow.snd_nxt;
	step("inside");
	if (variant_is("unread", "some")) {
		peer_sends_data(&flow, data, UNREAD);
		peer_is_acknowledged(&flow);
	}
	room = flow.got.ack + flow.got.window - begin;
	note_number("room", (int64_t)room);
	settle();
	step("across");
	across.seq_ahead = (int32_t)(begin + room - INSIDE - flow.snd_nxt);
	across.data = data + room - INSIDE;
	peer_sends_segment(&flow, &across);
	settle();
	step("up to there");
	peer_sends_data(&flow, data + (flow.snd_nxt - begin), (size_t)across.seq_ahead);
	settle();
	see_receive(BY_RECV, fd, sizeof data, 0);
	settle();
	return probe_end();
}
