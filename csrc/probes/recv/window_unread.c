/* SPDX-License-Identifier: Apache-2.0 */
/* The window that a host advertises while nobody reads, up to its closing, and when somebody does. */
#include "peer.h"

enum { BUFFER = 16384, SEGMENT = 1400, SEGMENTS_MAX = 64, LITTLE = 10, FAR_AHEAD = 1 << 20 };

static unsigned char data[SEGMENTS_MAX * SEGMENT];

/* A byte far outside of the window: it is answered at once, however long another ACK may be delayed. */
static void ask(const struct flow *flow)
{
	struct segment outside = {
		.flags = PSH | ACK, .seq_ahead = FAR_AHEAD, .data = data, .size = 1};

	peer_sends_segment(flow, &outside);
}

/* Sends what the window has room for, until it is closed; returns how much that was. */
static size_t fill(struct flow *flow)
{
	size_t sent = 0;

	while (flow->got.window && sent + SEGMENT <= sizeof data) {
		uint32_t edge = flow->got.ack + flow->got.window;

		while (flow->snd_nxt != edge && sent + SEGMENT <= sizeof data) {
			size_t room = edge - flow->snd_nxt;
			size_t size = room < SEGMENT ? room : SEGMENT;

			peer_sends_data(flow, data + sent, size);
			sent += size;
		}
		ask(flow);
		if (!peer_is_acknowledged(flow))
			break;
	}
	return sent;
}

int main(int argc, char **argv)
{
	struct segment beyond = {.flags = PSH | ACK, .size = LITTLE};
	struct flow flow;
	size_t filled;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	fd = accept_with_buffer(BUFFER, &flow);
	step("filled");
	filled = fill(&flow);
	settle();
	note_number("filled", (int64_t)filled);
	step("beyond");
	beyond.data = data + filled;
	peer_sends_segment(&flow, &beyond);
	settle();
	step("peeked");
	see_receive(BY_RECV, fd, filled, MSG_PEEK);
	settle();
	step("a little read");
	see_receive(BY_RECV, fd, LITTLE, 0);
	settle();
	step("all read");
	see_receive(BY_RECV, fd, sizeof data, 0);
	settle();
	step("sent again");
	peer_sends_data(&flow, data + filled, LITTLE);
	ask(&flow);
	peer_is_acknowledged(&flow);
	see_receive(BY_RECV, fd, sizeof data, 0);
	return probe_end();
}
