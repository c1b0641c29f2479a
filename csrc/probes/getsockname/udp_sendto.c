/* SPDX-License-Identifier: Apache-2.0 */
/* The local name of a UDP socket that nobody binds, around its first sendto(). */
#include "kit.h"

static void see_own_name(int s)
{
	struct name name = name_filled(0, sizeof name.storage);

	see_getsockname(s, &name);
}

static void see_datagram(int s, int to)
{
	struct name name = name_of_socket(to);
	struct name from = name_filled(0, sizeof from.storage);

	see_send(BY_SENDTO, s, "hello", 5, 0, &name);
	see_own_name(s);
	await_unread(to, 5);
	see_recvfrom(to, 64, 0, &from);
}

int main(int argc, char **argv)
{
	int first;
	int second;
	int s;

	probe_begin(argc, argv);
	first = open_bound(FAR, SOCK_DGRAM);
	second = open_bound(FAR, SOCK_DGRAM);

	step("after socket");
	s = open_socket(NEAR, SOCK_DGRAM);
	see_own_name(s);

	step("after an empty receive");
	see_receive_now(BY_RECVFROM, s, 64);
	see_own_name(s);

	step("after the first sendto");
	see_datagram(s, first);

	step("after the second sendto");
	see_datagram(s, first);

	step("after a sendto to another socket");
	see_datagram(s, second);
	return probe_end();
}
