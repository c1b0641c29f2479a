/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of UDP that cannot leave, as their next hop is not found, until the send buffer is full of them. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

enum { DATAGRAM = 1000, FILLS_MAX = 1000, TIMEOUT_US = 1000 };

static unsigned char data[DATAGRAM];

/* A neighbour of the far host that is not there: datagrams wait until its link address is known. */
static struct name nobody(void)
{
	struct name name = name_of(FAR, 7);

	if (family() == AF_INET6)
		name.in6.sin6_addr.s6_addr[15] ^= 0x40;
	else
		name.in.sin_addr.s_addr ^= htonl(0x40);
	return name;
}

static void see_signal(int s)
{
	struct sender sender;

	sender_start(&sender, writer(), s, data, sizeof data, 0);
	see_sender_asleep(&sender);
	if (!sleeper_done(&sender.sleeper))
		sleeper_signal(&sender.sleeper, SIGUSR1);
	sleeper_join(&sender.sleeper);
}

int main(int argc, char **argv)
{
	int size = NARROW;
	struct name name;
	ssize_t sent = 1;
	int s;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	name = nobody();
	s = open_socket(NEAR, SOCK_DGRAM);
	must(setsockopt(s, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
	must(connect(s, &name.any, name.length));
	pattern_fill(data, sizeof data, 0, 0);

	step("non-blocking");
	must(fcntl(s, F_SETFL, O_RDWR | O_NONBLOCK));
	for (int i = 0; i < FILLS_MAX && sent > 0; i++)
		sent = see_send(writer(), s, data, sizeof data, 0, NULL);
	step("non-blocking, full");
	see_poll(s, POLLOUT, 0);
	see_send(writer(), s, data, 1, 0, NULL);

	step("blocking, full");
	must(fcntl(s, F_SETFL, O_RDWR));
	see_signal(s);
	step("blocking, full, with a time limit");
	see_set_timeout(s, "SO_SNDTIMEO", SO_SNDTIMEO, TIMEOUT_US);
	see_send(writer(), s, data, sizeof data, 0, NULL);
	return probe_end();
}
