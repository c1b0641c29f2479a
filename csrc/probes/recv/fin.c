/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's FIN: behind data, in one segment with them, across a gap, or with more data beyond it. */
#include "peer.h"

#include <poll.h>

enum { ROOM = 2 * SAID }; /* more than comes, so that only the end ends a read */

static unsigned char said[SAID];

static void send_behind(struct flow *flow)
{
	peer_sends_data(flow, said, sizeof said);
	peer_sends(flow, FIN | ACK);
}

static void send_with(struct flow *flow)
{
	struct segment both = {.flags = PSH | FIN | ACK, .data = said, .size = sizeof said};

	peer_sends_segment(flow, &both);
	flow->snd_nxt += sizeof said + 1;
}

static void send_beyond(struct flow *flow)
{
	unsigned char more[SAID];

	pattern_fill(more, sizeof more, 0, 2);
	send_behind(flow);
	peer_sends_data(flow, more, sizeof more);
}

static void see_reads(int fd)
{
	await_poll(fd, POLLIN);
	see_receive_now(reader(), fd, ROOM);
	see_receive_soon(reader(), fd, ROOM);
	step("again");
	see_receive_now(reader(), fd, ROOM);
}

/* The FIN comes first, and then what stands before it. */
static void send_across_gap(int fd, struct flow *flow)
{
	struct segment fin = {.flags = FIN | ACK, .seq_ahead = sizeof said};

	peer_sends_segment(flow, &fin);
	fence(FAR);
	step("gap");
	see_receive_now(reader(), fd, ROOM);
	step("data");
	peer_sends_data(flow, said, sizeof said);
	flow->snd_nxt++;
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	pattern_fill(said, sizeof said, 0, 1);
	if (variant_is("fin", "gap")) {
		send_across_gap(fd, &flow);
	} else {
		step("data");
		if (variant_is("fin", "behind"))
			send_behind(&flow);
		else if (variant_is("fin", "with"))
			send_with(&flow);
		else
			send_beyond(&flow);
	}
	fence(FAR);
	see_reads(fd);
	return probe_end();
}
