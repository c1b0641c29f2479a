/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's datagram with a checksum that is right, wrong or left out, or with a source that cannot be. */
#include "peer.h"

static void spoil(struct raw *raw)
{
	unsigned char *checksum = raw->bytes + raw->udp + 6;

	if (variant_is("checksum", "wrong")) {
		checksum[1] ^= 1;
	} else if (variant_is("checksum", "none")) {
		checksum[0] = 0;
		checksum[1] = 0;
	}
}

/* The datagram's checksum covers its source, too. */
static void compose(struct raw *raw, const struct flow *flow)
{
	struct packet packet = peer_packet(flow);

	packet.data = (const unsigned char *)"checked";
	packet.size = 7;
	if (variant_is("source", "group"))
		memset(packet.src, family() == AF_INET ? 224 : 0xff, 1);
	else if (variant_is("source", "broadcast"))
		memset(packet.src, 255, 4);
	raw_packet(raw, &packet);
}

int main(int argc, char **argv)
{
	struct flow flow;
	struct raw raw;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, false);
	compose(&raw, &flow);
	spoil(&raw);
	fence(NEAR);
	peer_sends_raw(&raw);
	settle();
	see_receive_now(BY_RECV, s, 64);
	return probe_end();
}
