/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of many sizes, several of them queued, received into a buffer with room for all. */
#include "kit.h"

enum { ROOM = 70000, LARGEST = 65507 };

static void see_sent(int s, size_t size, unsigned seed)
{
	static unsigned char data[LARGEST];

	pattern_fill(data, size, 0, seed);
	see_send(writer(), s, data, size, 0, NULL);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1, 100, 3, 1400, 5000};
	size_t count = sizeof sizes / sizeof sizes[0];
	struct link link;

	probe_begin(argc, argv);
	link = open_datagram_link();

	step("queued");
	for (size_t i = 0; i < count; i++)
		see_sent(link.far, sizes[i], (unsigned)i + 1);
	for (size_t i = 0; i < count; i++)
		see_receive_soon((enum reader)writer(), link.near, ROOM);
	see_receive_now((enum reader)writer(), link.near, ROOM);

	/* The most that a UDP datagram over IPv4 has room for; it crosses a link in fragments. */
	step("the largest");
	see_sent(link.far, LARGEST, 9);
	see_receive_soon((enum reader)writer(), link.near, ROOM);

	if (writer() == BY_WRITE || writer() == BY_WRITEV)
		return probe_end(); /* write() of 0 bytes is not specified for a socket */
	step("empty, then not");
	see_sent(link.far, 0, 0);
	see_sent(link.far, 7, 10);
	see_receive_soon((enum reader)writer(), link.near, ROOM);
	see_receive_soon((enum reader)writer(), link.near, ROOM);
	return probe_end();
}
