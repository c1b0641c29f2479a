/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets whose names differ in one bit, of the port or of the address, get what is sent to them. */
#include "kit.h"

#include <poll.h>

enum { NAMES_MAX = 18, PORT_BITS = 16, LAST_PORT = 65535, TRIES = 64, PATIENCE_MS = 2000 };

struct names {
	struct name name[NAMES_MAX];
	int count;
};

/* --- ports ---------------------------------------------------------------------------------------- */

/* Every other port has to be one that an ordinary program may use, and another than the last. */
static bool suits(uint16_t port)
{
	for (int bit = 0; bit < PORT_BITS; bit++) {
		uint16_t other = (uint16_t)(port ^ 1U << bit);

		if (other < IPPORT_RESERVED || other == LAST_PORT)
			return false;
	}
	return port != LAST_PORT;
}

static struct name free_name(void)
{
	for (int i = 0; i < TRIES; i++) {
		int s = open_bound(FAR, type());
		struct name name = name_of_socket(s);

		close(s);
		if (suits(port_of(&name)))
			return name;
	}
	fault("no free port of %d has 16 others around it", TRIES);
}

static void add_port(struct names *names, const struct name *base, uint16_t port)
{
	struct name *name = &names->name[names->count++];

	*name = *base;
	set_port(name, port);
}

static void ports(struct names *names)
{
	struct name base = free_name();
	uint16_t port = port_of(&base);

	add_port(names, &base, port);
	for (int bit = 0; bit < PORT_BITS; bit++)
		add_port(names, &base, (uint16_t)(port ^ 1U << bit));
	add_port(names, &base, LAST_PORT);
}

/* --- addresses: all of 127/8 is this host (RFC 1122, 3.2.1.3 g) --------------------------------------- */

static const uint32_t hosts[] = {
	0x7f000002, 0x7f800002, 0x7f010002, 0x7f008002, 0x7f000102, 0x7f000082, 0x7f000003,
};

/* An AF_INET6 socket has the IPv4 addresses as ::ffff:a.b.c.d (RFC 3493, 3.7). */
static struct name loopback_name(uint32_t host, uint16_t port)
{
	struct name name = name_of(WILDCARD, port);
	uint32_t in_order = htonl(host);

	if (family() == AF_INET) {
		name.in.sin_addr.s_addr = in_order;
		return name;
	}
	memset(name.in6.sin6_addr.s6_addr + 10, 0xff, 2);
	memcpy(name.in6.sin6_addr.s6_addr + 12, &in_order, sizeof in_order);
	return name;
}

static void addresses(struct names *names)
{
	struct name base = free_name();

	names->name[names->count++] = base;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		names->name[names->count++] = loopback_name(hosts[i], port_of(&base));
}

/* --- what is sent to each ------------------------------------------------------------------------------ */

static int open_dual(void)
{
	int s = open_socket(FAR, type());
	int no = 0;

	if (family() == AF_INET6)
		must(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no));
	return s;
}

static int bind_to(const struct name *name)
{
	struct name seen = name_filled(0, sizeof seen.storage);
	int s = open_dual();

	if (!see_bind(s, name) && type() == SOCK_STREAM)
		must(listen(s, 1));
	see_getsockname(s, &seen);
	return s;
}

static void send_datagram(int to, const struct name *name, unsigned seed)
{
	int s = open_socket(NEAR, SOCK_DGRAM);
	unsigned char words[SAID];

	pattern_fill(words, sizeof words, 0, seed);
	see_send(BY_SENDTO, s, words, sizeof words, 0, name);
	see_arrival(to, SAID);
}

static void make_connection(int to, const struct name *name, unsigned seed)
{
	int s = open_socket(NEAR, SOCK_STREAM);
	int accepted;

	if (see_connect(s, name) || see_poll(to, POLLIN, PATIENCE_MS) != 1)
		return;
	accepted = see_accept(to, NULL);
	see_speak(s, seed);
	see_arrival(accepted, SAID);
}

int main(int argc, char **argv)
{
	struct names names = {.count = 0};
	int fds[NAMES_MAX];

	probe_begin(argc, argv);
	if (variant_is("differ", "port"))
		ports(&names);
	else
		addresses(&names);
	step("bind");
	for (int i = 0; i < names.count; i++)
		fds[i] = bind_to(&names.name[i]);
	for (int i = 0; i < names.count; i++) {
		step("to %d", i);
		if (type() == SOCK_DGRAM)
			send_datagram(fds[i], &names.name[i], (unsigned)i);
		else
			make_connection(fds[i], &names.name[i], (unsigned)i);
	}
	fence(NEAR);
	step("more");
	for (int i = 0; i < names.count; i++)
		see_poll(fds[i], POLLIN, 0);
	return probe_end();
}
