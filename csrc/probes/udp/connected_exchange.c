/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams to and from the peer of a connected UDP socket, in calls that take no address. */
#include "kit.h"

enum { ROOM = 256 };

/* read for write, readv for writev, and so on: both lists have one order. */
static enum reader counterpart(enum writer by)
{
	return (enum reader)by;
}

static void see_write(int s, size_t size, unsigned seed)
{
	unsigned char data[ROOM];

	pattern_fill(data, size, 0, seed);
	see_send(writer(), s, data, size, 0, NULL);
}

static void answer(int fd, const struct name *to, size_t size, unsigned seed)
{
	unsigned char data[ROOM];

	pattern_fill(data, size, 0, seed);
	must(sendto(fd, data, size, 0, &to->any, to->length));
}

int main(int argc, char **argv)
{
	struct name name;
	struct name own;
	int peer;
	int s;

	probe_begin(argc, argv);
	peer = open_bound(FAR, SOCK_DGRAM);
	name = name_of_socket(peer);
	s = open_socket(NEAR, SOCK_DGRAM);
	note_name("peer", &name);
	see_connect(s, &name);
	own = name_of_socket(s);
	note_name("own", &own);

	step("to the peer");
	see_write(s, 100, 1);
	see_receive_soon(BY_RECVFROM, peer, ROOM);

	step("from the peer");
	answer(peer, &own, 50, 2);
	see_receive_soon(counterpart(writer()), s, ROOM);

	step("two to the peer");
	see_write(s, 10, 3);
	see_write(s, 20, 4);
	see_receive_soon(BY_RECVFROM, peer, ROOM);
	see_receive_soon(BY_RECVFROM, peer, ROOM);

	step("two from the peer");
	answer(peer, &own, 30, 5);
	answer(peer, &own, 40, 6);
	see_receive_soon(counterpart(writer()), s, ROOM);
	see_receive_soon(counterpart(writer()), s, ROOM);
	return probe_end();
}
