/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments of datagrams to nobody that are never complete: a first one, and one that is not the first. */
#include "peer.h"

enum { HEADER = 8, PART = 64, PORT = 6999, OFFSET = 1024 };

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* A fragment: with IPv6, behind a header of its own (RFC 8200, 4.5). */
static void send_fragment(const struct flow *flow, uint16_t ident, uint16_t offset)
{
	unsigned char bytes[HEADER + PART] = {IPPROTO_UDP};
	struct packet packet = peer_packet(flow);
	unsigned char *udp = bytes + HEADER;

	put16(bytes + 2, offset | 1U);
	put16(bytes + 6, ident);
	put16(udp, packet.sport);
	put16(udp + 2, PORT);
	put16(udp + 4, 2 * OFFSET);
	packet.fragment = true;
	packet.more_fragments = true;
	packet.fragment_offset = offset;
	packet.ident = ident;
	packet.data = udp;
	packet.size = PART;
	if (packet.family == AF_INET6) {
		packet.protocol = 44;
		packet.data = bytes;
		packet.size = sizeof bytes;
	}
	packet.may_fragment = true;
	peer_sends_packet(&packet);
}

int main(int argc, char **argv)
{
	struct flow flow;
	struct flow errors;
	int s;

	probe_begin(argc, argv);
	if (family() == AF_INET) {
		set_sysctl("ipv4/icmp_ratelimit", 0);
		set_sysctl("ipv4/ipfrag_time", 1);
	} else {
		set_sysctl("ipv6/icmp/ratelimit", 0);
		set_sysctl("ipv6/ip6frag_time", 1);
	}
	s = open_datagrams(&flow, false);
	errors = flow;
	errors.protocol = family() == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	set_port(&errors.far, 0);
	set_port(&errors.near, 0);
	send_fragment(&flow, 1, OFFSET);
	fence(FAR);
	send_fragment(&flow, 2, 0);
	fence(FAR);
	waits("reassembly is given up only after a time");
	peer_gets_datagram(&errors);
	fence(NEAR);
	must(close(s));
	return probe_end();
}
