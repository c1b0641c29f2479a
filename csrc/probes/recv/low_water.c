/* SPDX-License-Identifier: Apache-2.0 */
/* SO_RCVLOWAT: when a receiving call returns, and poll() tells of data, while the data comes in pieces. */
#include "peer.h"

#include <poll.h>

enum { MARK = 10, ROOM = 100, SIZE = 64 };

static unsigned char data[SIZE];
static size_t sent;

static void send_more(struct flow *flow, size_t size)
{
	peer_sends_data(flow, data + sent, size);
	sent += size;
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
	set_option(fd, SOL_SOCKET, SO_RCVLOWAT, MARK);
	receiver_start(&receiver, "reader", reader(), fd, ROOM, 0);
	step("nothing there");
	/* else it would take the first bytes before it waits for the others */
	see_receiver_asleep(&receiver);
	step("one byte short");
	send_more(&flow, MARK - 1);
	settle();
	see_receiver_asleep(&receiver);
	see_unread(fd);
	see_poll(fd, POLLIN, 0);
	step("reached");
	send_more(&flow, 1);
	sleeper_end(&receiver.sleeper);
	step("little wanted");
	send_more(&flow, 3);
	settle();
	receiver_start(&receiver, "reader", reader(), fd, 3, 0);
	sleeper_end(&receiver.sleeper);
	step("polled");
	send_more(&flow, MARK);
	settle();
	see_poll(fd, POLLIN, 0);
	see_receive(reader(), fd, ROOM, MSG_DONTWAIT);
	return probe_end();
}
