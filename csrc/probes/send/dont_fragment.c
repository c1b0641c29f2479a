/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams as long as the link's packets, and longer, where the socket allows no fragments. */
#include "kit.h"

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, UDP_HEADER = 8, MTU_MAX = 65535 };

static unsigned char data[MTU_MAX + 1];

static void set_discovery(int fd, bool fragments)
{
	int inet = fragments ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO;
	int inet6 = fragments ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO;

	if (family() == AF_INET)
		must(setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &inet, sizeof inet));
	else
		must(setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &inet6, sizeof inet6));
}

/* How many bytes a datagram may have to fit one packet to the socket's peer. */
static size_t room(int fd)
{
	socklen_t length = sizeof(int);
	int mtu;

	if (family() == AF_INET)
		must(getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &length));
	else
		must(getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &length));
	if (mtu > MTU_MAX)
		fault("the link takes packets of %d bytes, more than IP has", mtu);
	note_number("mtu", mtu);
	return (size_t)mtu - (family() == AF_INET ? IPV4_HEADER : IPV6_HEADER) - UDP_HEADER;
}

static void see_sent(const char *name, struct link link, size_t size)
{
	step("%s", name);
	fence(NEAR);
	if (see_send(BY_SEND, link.near, data, size, 0, NULL) > 0)
		see_receive_soon(BY_RECV, link.far, sizeof data);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	struct link link;
	size_t most;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	link = open_datagram_link();
	set_discovery(link.near, false);
	most = room(link.near);
	see_sent("one packet", link, most);
	see_sent("one byte more", link, most + 1);
	set_discovery(link.near, true);
	see_sent("one byte more, fragments allowed", link, most + 1);
	return probe_end();
}
