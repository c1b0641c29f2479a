/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram to the broadcast address of the link, without SO_BROADCAST and with it. */
#include "peer.h"

#include <arpa/inet.h>

static void send_to_all(int s, const struct name *all)
{
	fence(NEAR);
	see_send(BY_SENDTO, s, "to all", 6, 0, all);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	struct name all;
	int s;

	probe_begin(argc, argv);
	s = open_bound(NEAR, SOCK_DGRAM);
	all = name_of(FAR, 7);
	all.in.sin_addr.s_addr |= htonl(0xff); /* the link's prefix has 24 bits */
	step("without");
	send_to_all(s, &all);
	step("with");
	see_setsockopt(s, SOL_SOCKET, "SO_BROADCAST", SO_BROADCAST, 1);
	send_to_all(s, &all);
	return probe_end();
}
