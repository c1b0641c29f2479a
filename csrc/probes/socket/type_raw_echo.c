/* SPDX-License-Identifier: Apache-2.0 */
/* A raw ICMP socket sends an echo request that the program built, and receives the other host's reply. */
#include "kit.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>

enum { HEADER = 8, ROOM = 512, COPIES_MAX = 4, PATIENCE_MS = 2000 };

/* RFC 1071. */
static uint16_t checksum_of(const unsigned char *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 792 and RFC 4443, 4.1: type, code, checksum, identifier, sequence number, data.  The checksum
 * of ICMPv6 is the kernel's work (RFC 3542, 3.1). */
static void build_request(unsigned char message[HEADER + SAID])
{
	static const unsigned char rest[] = {0, 0, 0, 0x12, 0x34, 0, 1};
	uint16_t sum;

	message[0] = family() == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	memcpy(message + 1, rest, sizeof rest);
	pattern_fill(message + HEADER, SAID, 0, 1);
	if (family() == AF_INET6)
		return;
	sum = checksum_of(message, HEADER + SAID);
	message[2] = (unsigned char)(sum >> 8);
	message[3] = (unsigned char)sum;
}

/* Whether another is to come: it hears its own request, too, where that comes to its host. */
static bool take_one(int s)
{
	unsigned char first[ROOM];
	size_t at;

	if (see_poll(s, POLLIN, PATIENCE_MS) != 1)
		return false;
	must(recv(s, first, sizeof first, MSG_DONTWAIT | MSG_PEEK));
	see_receive(BY_RECV, s, ROOM, MSG_DONTWAIT);
	at = family() == AF_INET ? (first[0] & 0x0f) * (size_t)4 : 0;
	return first[at] == ICMP_ECHO || first[at] == ICMP6_ECHO_REQUEST;
}

int main(int argc, char **argv)
{
	unsigned char message[HEADER + SAID];
	struct name far;
	int s;

	probe_begin(argc, argv);
	far = name_of(FAR, 0);
	step("open");
	s = see_socket_privileged(NEAR, family(), SOCK_RAW,
				  family() == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (s < 0)
		unsupported("SOCK_RAW in this domain", errno);
	build_request(message);
	fence(NEAR);
	step("echo");
	see_send(BY_SENDTO, s, message, sizeof message, 0, &far);
	for (int i = 0; i < COPIES_MAX && take_one(s); i++)
		;
	fence(NEAR);
	return probe_end();
}
