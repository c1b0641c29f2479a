/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's datagram to a port that no socket has, at the host's own address or one of many hosts. */
#include "peer.h"

#include <arpa/inet.h>

static void address_many(struct packet *packet)
{
	if (variant_is("to", "broadcast"))
		memset(packet->dst, 255, 4);
	else if (variant_is("to", "group"))
		inet_pton(packet->family, packet->family == AF_INET ? "224.0.0.1" : "ff02::1",
			  packet->dst);
}

int main(int argc, char **argv)
{
	struct packet packet;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, false);
	see_close(s);
	packet = peer_packet(&flow);
	packet.data = (const unsigned char *)"anybody?";
	packet.size = 8;
	address_many(&packet);
	fence(NEAR);
	peer_sends_packet(&packet);
	settle();
	return probe_end();
}
