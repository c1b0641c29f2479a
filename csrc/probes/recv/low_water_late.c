/* SPDX-License-Identifier: Apache-2.0 */
/* SO_RCVLOWAT: a receiving call begins when all bytes but one of the mark are there, and then that one comes. */
#include "peer.h"

enum { MARK = 10, ROOM = 100 };

/* What ends a call that the last byte of the mark does not wake. */
static void end_waiting(struct flow *flow, const unsigned char *data)
{
	if (variant_is("end", "mark"))
		peer_sends_data(flow, data + MARK, MARK);
	else
		peer_sends(flow, FIN | ACK);
}

int main(int argc, char **argv)
{
	unsigned char data[MARK + MARK];
	struct receiver receiver;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	set_option(fd, SOL_SOCKET, SO_RCVLOWAT, MARK);

	step("one byte short");
	peer_sends_data(&flow, data, MARK - 1);
	settle();
	see_unread(fd);
	receiver_start(&receiver, "reader", reader(), fd, ROOM, 0);
	see_receiver_asleep(&receiver);

	step("reached");
	peer_sends_data(&flow, data + MARK - 1, 1);
	settle();
	see_receiver_asleep(&receiver);

	step("more");
	end_waiting(&flow, data);
	sleeper_end(&receiver.sleeper);
	return probe_end();
}
