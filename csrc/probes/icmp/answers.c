/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to which a host answers by ICMP, and such to which it must not. */
#include "peer.h"

#include <arpa/inet.h>

enum {
	NOBODY = 6999, /* no port that the kernel gives away */
	SHORT = 32,
	LONG = 1400,
	EXPERIMENT = 253, /* RFC 3692, 2.1: a protocol that nobody has */
	FRAGMENT_HEADER = 44,
};

static unsigned char data[LONG];
static struct flow flow;

/* A datagram to a port where nobody is. */
static struct packet to_nobody(size_t size)
{
	struct packet packet = peer_packet(&flow);

	packet.dport = NOBODY;
	packet.data = data;
	packet.size = size;
	return packet;
}

static void port_short(void)
{
	struct packet packet = to_nobody(SHORT);

	peer_sends_packet(&packet);
}

static void port_long(void)
{
	struct packet packet = to_nobody(LONG);

	peer_sends_packet(&packet);
}

static void port_empty(void)
{
	struct packet packet = to_nobody(0);

	peer_sends_packet(&packet);
}

static void to_address(const char *inet, const char *inet6)
{
	struct packet packet = to_nobody(SHORT);

	inet_pton(packet.family, packet.family == AF_INET ? inet : inet6, packet.dst);
	peer_sends_packet(&packet);
}

static void multicast(void)
{
	to_address("224.0.0.1", "ff02::1");
}

static void broadcast(void)
{
	to_address("255.255.255.255", "ff02::1");
}

/* Nothing but bytes behind the IP header. */
static struct packet bare(unsigned char protocol, const void *bytes, size_t size)
{
	struct packet packet = peer_packet(&flow);

	packet.protocol = protocol;
	packet.fragment = true;
	packet.data = bytes;
	packet.size = size;
	return packet;
}

static void protocol(void)
{
	struct packet packet = bare(EXPERIMENT, data, SHORT);

	peer_sends_packet(&packet);
}

static struct packet icmp(int type, int code, uint32_t rest, const void *bytes, size_t size)
{
	struct packet packet = peer_packet(&flow);

	packet.protocol = packet.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	packet.type = (unsigned char)type;
	packet.code = (unsigned char)code;
	packet.rest = rest;
	packet.data = bytes;
	packet.size = size;
	return packet;
}

/* About a datagram that the near host might have sent. */
static void error(void)
{
	unsigned char quoted[256];
	struct packet about = peer_packet(&flow);
	bool inet = about.family == AF_INET;
	struct packet packet;
	size_t size;

	memcpy(about.dst, peer_packet(&flow).src, sizeof about.dst);
	memcpy(about.src, peer_packet(&flow).dst, sizeof about.src);
	about.sport = NOBODY;
	about.dport = port_of(&flow.far);
	about.data = data;
	about.size = SHORT;
	size = packet_compose(&about, quoted, sizeof quoted);
	packet = icmp(inet ? 3 : 1, inet ? 3 : 4, 0, quoted, size);
	peer_sends_packet(&packet);
}

static void echo(void)
{
	struct packet packet =
		icmp(family() == AF_INET ? 8 : 128, 0, UINT32_C(0x12345678), data, SAID);

	peer_sends_packet(&packet);
}

static void unknown_type(void)
{
	struct packet packet = icmp(family() == AF_INET ? 44 : 200, 0, 0, data, SHORT);

	peer_sends_packet(&packet);
}

/* The error whose type is not known is passed on; there is nobody to whom. */
static void unknown_error(void)
{
	struct packet packet = icmp(family() == AF_INET ? 40 : 100, 0, 0, data, SHORT);

	peer_sends_packet(&packet);
}

static const struct {
	const char *name;
	void (*send)(void);
} kinds[] = {
	{"port_short", port_short},
	{"port_long", port_long},
	{"port_empty", port_empty},
	{"multicast", multicast},
	{"broadcast", broadcast},
	{"protocol", protocol},
	{"error", error},
	{"echo", echo},
	{"unknown_type", unknown_type},
	{"unknown_error", unknown_error},
};

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	if (family() == AF_INET)
		set_sysctl("ipv4/icmp_ratelimit", 0);
	else
		set_sysctl("ipv6/icmp/ratelimit", 0);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, false);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!variant_is("kind", kinds[i].name))
			continue;
		fence(NEAR);
		kinds[i].send();
		fence(FAR);
		fence(NEAR);
		/* a datagram to nobody, to which there has to be an answer */
		port_short();
		fence(FAR);
		fence(NEAR);
	}
	must(close(s));
	return probe_end();
}
