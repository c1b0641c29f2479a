/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving calls on a stream socket in other portions than those that were sent. */
#include "kit.h"

enum { TOTAL = 12000, PIECE = 600, PORTION = 1700 };

static char data[TOTAL];

static void send_in_pieces(int fd, size_t size, size_t piece)
{
	for (size_t at = 0; at < size; at += piece)
		see_send(BY_SEND, fd, data + at, size - at < piece ? size - at : piece, 0, NULL);
}

static void receive_in_portions(int fd, size_t size, size_t portion)
{
	for (size_t at = 0; at < size; at += portion)
		see_receive(reader(), fd, size - at < portion ? size - at : portion, 0);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();
	pattern_fill(data, sizeof data, 0, 1);

	step("many sent, one received");
	send_in_pieces(link.far, 12, 1);
	await_unread(link.near, 12);
	see_receive(reader(), link.near, 64, 0);

	step("one sent, many received");
	send_in_pieces(link.far, 12, 12);
	await_unread(link.near, 12);
	receive_in_portions(link.near, 12, 1);

	step("other portions");
	send_in_pieces(link.far, TOTAL, PIECE);
	await_unread(link.near, TOTAL);
	receive_in_portions(link.near, TOTAL, PORTION);
	return probe_end();
}
