/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of the most bytes that UDP over IP has room for, and of more. */
#include "kit.h"

enum {
	IP_LENGTH_MAX = 65535, /* 16 bits: RFC 791, 3.1; RFC 8200, 3 */
	IPV4_HEADER = 20,      /* counted in by IPv4 only */
	UDP_HEADER = 8,
	MEGABYTE = 1 << 20,
};

static unsigned char data[MEGABYTE];

static size_t room(void)
{
	return IP_LENGTH_MAX - UDP_HEADER - (family() == AF_INET ? IPV4_HEADER : 0);
}

static void see_refusal(const char *name, int fd, size_t size)
{
	step("%s", name);
	fence(NEAR);
	see_send(writer(), fd, data, size, 0, NULL);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	link = open_datagram_link();

	step("the longest");
	see_send(writer(), link.near, data, room(), 0, NULL);
	see_receive_soon(BY_RECV, link.far, IP_LENGTH_MAX + 1);
	see_refusal("one byte more", link.near, room() + 1);
	see_refusal("more than the length field holds", link.near, IP_LENGTH_MAX + 1);
	see_refusal("a megabyte", link.near, MEGABYTE);
	step("afterwards");
	see_send(writer(), link.near, data, 5, 0, NULL);
	see_receive_soon(BY_RECV, link.far, IP_LENGTH_MAX + 1);
	see_receive_now(BY_RECV, link.far, IP_LENGTH_MAX + 1);
	return probe_end();
}
