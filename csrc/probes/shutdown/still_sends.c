/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls after shutdown(SHUT_RD): what the peer gets of them, and when the end comes. */
#include "kit.h"

enum { PIECE_OF_STREAM = 8192, DATAGRAM = 1000 };

static void send_piece(struct link link, enum writer by, size_t size)
{
	static unsigned char data[PIECE_OF_STREAM];

	pattern_fill(data, size, 0, by);
	step("%s", writer_name(by));
	see_send(by, link.near, data, size, 0, NULL);
	await_outcome(link.near, link.far, size);
	see_receive_now(BY_RECV, link.far, size);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	step("shutdown");
	see_shutdown(link.near, SHUT_RD);
	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++)
		send_piece(link, by, type() == SOCK_STREAM ? PIECE_OF_STREAM : DATAGRAM);
	step("nothing sent");
	see_receive_now(BY_RECV, link.far, SAID);
	if (type() == SOCK_DGRAM)
		return probe_end();
	step("the end");
	see_shutdown(link.near, SHUT_WR);
	see_arrival(link.far, SAID);
	return probe_end();
}
