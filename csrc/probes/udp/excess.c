/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving into a buffer that is smaller than what one send() sent, then into a large one. */
#include "kit.h"

enum { FIRST = 100, SECOND = 40, SMALL = 10, LARGE = 256 };

static void send_pattern(int fd, size_t size, unsigned seed)
{
	unsigned char data[FIRST];

	pattern_fill(data, size, 0, seed);
	send_all(fd, data, size);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = type() == SOCK_STREAM ? open_stream_link() : open_datagram_link();
	send_pattern(link.far, FIRST, 1);
	await_unread(link.near, FIRST); /* so that the second is the second for the receiver too */
	send_pattern(link.far, SECOND, 2);
	if (type() == SOCK_STREAM)
		await_unread(link.near, FIRST + SECOND);

	step("small buffer");
	see_receive_soon(reader(), link.near, SMALL);
	step("large buffer");
	see_receive_soon(reader(), link.near, LARGE);
	step("afterwards");
	see_receive_now(reader(), link.near, LARGE);
	return probe_end();
}
