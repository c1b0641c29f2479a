/* SPDX-License-Identifier: Apache-2.0 */
/* A raw IPv4 socket sends a datagram whose IP header the program wrote. */
#include "kit.h"

#include <netinet/ip.h>
#include <poll.h>

/* RFC 3692, 2.1: for experiments. */
enum { OURS = 253, ROOM = 512, PATIENCE_MS = 2000, TTL = 7, TOS = 0x08, ID = 0x1234 };

static int open_raw(enum place side, int protocol)
{
	int s = see_socket_privileged(side, AF_INET, SOCK_RAW, protocol);

	if (s < 0)
		unsupported("SOCK_RAW in this domain", errno);
	return s;
}

/* raw(7): the kernel fills in the length and the checksum, and what is zero of identification and source. */
static size_t build(unsigned char *datagram, const struct name *to, unsigned seed)
{
	struct iphdr header = {
		.version = 4,
		.ihl = sizeof header / 4,
		.tos = TOS,
		.id = htons(ID),
		.ttl = TTL,
		.protocol = OURS,
		.daddr = to->in.sin_addr.s_addr,
	};

	memcpy(datagram, &header, sizeof header);
	pattern_fill(datagram + sizeof header, SAID, 0, seed);
	return sizeof header + SAID;
}

static void send_and_take(int sender, int receiver, const struct name *to, unsigned seed)
{
	unsigned char datagram[sizeof(struct iphdr) + SAID];
	size_t size = build(datagram, to, seed);

	see_send(BY_SENDTO, sender, datagram, size, 0, to);
	see_poll(receiver, POLLIN, PATIENCE_MS);
	see_receive(BY_RECV, receiver, ROOM, MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	struct name far;
	int receiver;
	int sender;

	probe_begin(argc, argv);
	far = name_of(FAR, 0);
	receiver = open_raw(FAR, OURS);
	step("IPPROTO_RAW");
	sender = open_raw(NEAR, IPPROTO_RAW);
	see_getsockopt(sender, IPPROTO_IP, "IP_HDRINCL", IP_HDRINCL);
	send_and_take(sender, receiver, &far, 1);
	step("IP_HDRINCL");
	sender = open_raw(NEAR, OURS);
	see_setsockopt(sender, IPPROTO_IP, "IP_HDRINCL", IP_HDRINCL, 1);
	send_and_take(sender, receiver, &far, 2);
	return probe_end();
}
