/* SPDX-License-Identifier: Apache-2.0 */
/* What receiving calls make of segments: of the first byte, of several segments, of less than has come. */
#include "peer.h"

#include <fcntl.h>

enum { SIZE = 64, ROOM = 100 };

static unsigned char data[SIZE];

/* A segment of the bytes from `from` on, up to `to`. */
static void send_bytes(struct flow *flow, size_t from, size_t to)
{
	peer_sends_data(flow, data + from, to - from);
}

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	step("the first byte");
	receiver_start(&receiver, "reader", reader(), fd, ROOM, 0);
	see_receiver_asleep(&receiver);
	settle();
	send_bytes(&flow, 0, 1);
	sleeper_end(&receiver.sleeper);
	step("three segments");
	send_bytes(&flow, 1, 4);
	send_bytes(&flow, 4, 8);
	send_bytes(&flow, 8, 13);
	settle();
	see_receive(reader(), fd, ROOM, 0);
	step("a part");
	send_bytes(&flow, 13, 64);
	settle();
	see_receive(reader(), fd, 20, 0);
	see_receive(reader(), fd, ROOM, 0);
	step("nothing");
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	see_receive(reader(), fd, ROOM, 0);
	return probe_end();
}
