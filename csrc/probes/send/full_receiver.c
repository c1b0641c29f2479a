/* SPDX-License-Identifier: Apache-2.0 */
/* Sending UDP datagrams to a socket that takes none out of its full receive buffer. */
#include "kit.h"

enum { DATAGRAM = 1000, COUNT = 40 };

static void send_many(void *argument)
{
	const int *s = argument;
	unsigned char data[DATAGRAM];

	for (size_t i = 0; i < COUNT; i++) {
		pattern_fill(data, sizeof data, i * sizeof data, 0);
		see_send(writer(), *s, data, sizeof data, 0, NULL);
	}
}

int main(int argc, char **argv)
{
	struct sleeper sleeper;
	struct link link;
	ssize_t got = 1;

	probe_begin(argc, argv);
	link = open_narrow_link(SOCK_DGRAM);
	step("nobody reads");
	sleeper_start(&sleeper, "writer", send_many, &link.near);
	see_asleep(&sleeper, writer_name(writer()));
	if (!sleeper_done(&sleeper))
		shutdown(link.near, SHUT_RDWR);
	sleeper_join(&sleeper);
	await_lost(link.far, 1);
	lose_all(link.far); /* what is still on its way does not take the place of what is read */
	step("the peer reads");
	while (got > 0)
		got = see_receive_now(BY_RECV, link.far, (size_t)2 * DATAGRAM);
	return probe_end();
}
