/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving calls after shutdown(SHUT_WR): data that lay unread, data that comes later, and the end. */
#include "kit.h"

enum { PIECE_OF_STREAM = 8192, DATAGRAM = 1000 };

static size_t size;

static void send_piece(int fd, unsigned seed)
{
	static unsigned char data[PIECE_OF_STREAM];

	pattern_fill(data, size, 0, seed);
	see_send(BY_SEND, fd, data, size, 0, NULL);
}

static void see_waiting(struct link link)
{
	struct receiver receiver;

	step("waiting");
	receiver_start(&receiver, "reader", BY_RECV, link.near, SAID, 0);
	see_receiver_asleep(&receiver);
	see_speak(link.far, 7);
	sleeper_join(&receiver.sleeper);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	size = type() == SOCK_STREAM ? PIECE_OF_STREAM : DATAGRAM;
	link = open_link(type());
	step("unread");
	send_piece(link.far, 6);
	await_unread(link.near, size);
	see_shutdown(link.near, SHUT_WR);
	see_receive_now(BY_RECV, link.near, size);
	for (enum reader by = BY_READ; by <= BY_RECVMSG; by++) {
		step("%s", reader_name(by));
		send_piece(link.far, by);
		await_outcome(link.far, link.near, size);
		see_receive_now(by, link.near, size);
	}
	see_waiting(link);
	step("nothing sent");
	see_receive_now(BY_RECV, link.near, SAID);
	if (type() == SOCK_DGRAM)
		return probe_end();
	step("the end");
	see_shutdown(link.far, SHUT_WR);
	see_arrival(link.near, SAID);
	return probe_end();
}
