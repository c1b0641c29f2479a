/* SPDX-License-Identifier: Apache-2.0 */
/* Raw sockets send and hear what UDP and TCP sockets take and say, headers included. */
#include "kit.h"

#include <poll.h>

enum { HEADER = 8, ROOM = 512, PATIENCE_MS = 2000, SOURCE_PORT = 4711 };

static int open_raw(enum place side, int protocol)
{
	int s = see_socket_privileged(side, family(), SOCK_RAW, protocol);

	if (s < 0)
		unsupported("SOCK_RAW in this domain", errno);
	return s;
}

static void hear(int s)
{
	see_poll(s, POLLIN, PATIENCE_MS);
	see_receive(BY_RECV, s, ROOM, MSG_DONTWAIT);
}

/* RFC 768; no checksum, which UDP over IPv6 has to have: there the kernel is asked for it. */
static void build(unsigned char *datagram, uint16_t port)
{
	uint16_t header[] = {htons(SOURCE_PORT), htons(port), htons(HEADER + SAID), 0};

	memcpy(datagram, header, HEADER);
	pattern_fill(datagram + HEADER, SAID, 0, 1);
}

/* RFC 3542, 3.1: the offset of the checksum. */
static void ask_for_checksum(int s)
{
	int offset = 6;

	if (family() == AF_INET6)
		must(setsockopt(s, IPPROTO_IPV6, IPV6_CHECKSUM, &offset, sizeof offset));
}

static void speak_udp(void)
{
	unsigned char datagram[HEADER + SAID];
	int receiver = open_bound(FAR, SOCK_DGRAM);
	struct name bound = name_of_socket(receiver);
	struct name from = name_filled(0, sizeof from.storage);
	struct name to = bound;
	int s;

	step("sends UDP");
	s = open_raw(NEAR, IPPROTO_UDP);
	ask_for_checksum(s);
	build(datagram, port_of(&bound));
	set_port(&to, 0); /* of a raw socket's peer: the protocol, or 0 */
	see_send(BY_SENDTO, s, datagram, sizeof datagram, 0, &to);
	see_poll(receiver, POLLIN, PATIENCE_MS);
	see_recvfrom(receiver, ROOM, MSG_DONTWAIT, &from);
}

static void hear_udp(void)
{
	int receiver = open_bound(FAR, SOCK_DGRAM);
	struct name bound = name_of_socket(receiver);
	int sender = open_bound(NEAR, SOCK_DGRAM);
	struct name name = name_of_socket(sender);
	int s;

	step("hears UDP");
	s = open_raw(FAR, IPPROTO_UDP);
	note_name("udp sender", &name);
	note_name("its receiver", &bound);
	must(connect(sender, &bound.any, bound.length));
	see_speak(sender, 2);
	hear(s);
	see_arrival(receiver, SAID);
}

static void hear_tcp(void)
{
	int listener = open_listener(FAR, 1);
	struct name name = name_of_socket(listener);
	int client = open_socket(NEAR, SOCK_STREAM);
	int s;

	step("hears TCP");
	s = open_raw(FAR, IPPROTO_TCP);
	see_connect(client, &name);
	hear(s);
	name = name_of_socket(client);
	note_name("tcp client", &name);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	speak_udp();
	hear_udp();
	hear_tcp();
	return probe_end();
}
