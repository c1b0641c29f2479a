/* SPDX-License-Identifier: Apache-2.0 */
/* recvmsg() tells what the headers of the peer's datagram had. */
#include "peer.h"

static int open_wildcard(void)
{
	struct name name = name_of(WILDCARD, 0);
	int s = open_socket(NEAR, SOCK_DGRAM);

	must(bind(s, &name.any, name.length));
	return s;
}

static void compose(struct raw *raw, const struct flow *flow, const void *data, size_t size)
{
	struct packet packet = peer_packet(flow);
	struct name group = group_name(0);

	packet.data = data;
	packet.size = size;
	if (variant_is("to", "group") && family() == AF_INET)
		memcpy(packet.dst, &group.in.sin_addr, 4);
	else if (variant_is("to", "group"))
		memcpy(packet.dst, &group.in6.sin6_addr, 16);
	raw_packet(raw, &packet);
}

int main(int argc, char **argv)
{
	struct flow flow;
	struct raw raw;
	int s;

	probe_begin(argc, argv);
	s = open_wildcard();
	flow = peer_datagrams_to(s);
	tell_of_headers(s);
	step("before");
	if (variant_is("to", "group")) {
		compose(&raw, &flow, "too early", 9);
		peer_sends_raw(&raw);
		fence(FAR);
		see_receive_told(s, 64);
		see_join_group(s);
	}
	step("told");
	compose(&raw, &flow, "told", 4);
	raw_set_header(&raw, (int)variant_number("ttl"), (int)variant_number("tos"));
	peer_sends_raw(&raw);
	fence(FAR);
	see_receive_told(s, 64);
	fence(NEAR);
	return probe_end();
}
