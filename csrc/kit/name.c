/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: the places of a stage, and names that calls fill in. */
#include "internal.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Loopback, and the documentation ranges of RFC 5737 and RFC 3849: a packet that ever strayed
 * would reach nobody.  The agent gives the stage these addresses and routes. */
struct place_address {
	const char *inet;
	const char *inet6;
};

static const struct place_address on_one_host[] = {
	[NEAR] = {"127.0.0.1", "::1"},
	[FAR] = {"127.0.0.1", "::1"},
	[WILDCARD] = {"0.0.0.0", "::"},
	[UNREACHABLE] = {"203.0.113.1", "2001:db8:3::1"},
	[REJECTED] = {"198.51.100.1", "2001:db8:2::1"},
	[SILENT] = {NULL, NULL},
};

static const struct place_address on_two_hosts[] = {
	[NEAR] = {"192.0.2.1", "2001:db8::1"},
	[FAR] = {"192.0.2.2", "2001:db8::2"},
	[WILDCARD] = {"0.0.0.0", "::"},
	[UNREACHABLE] = {"203.0.113.1", "2001:db8:3::1"},
	[REJECTED] = {"198.51.100.1", "2001:db8:2::1"},
	[SILENT] = {"192.0.2.3", "2001:db8::3"},
};

static bool two_hosts(void)
{
	return !strcmp(stage(), "pair") || on_wire();
}

static const char *host_text(int family, enum place place)
{
	const struct place_address *all = two_hosts() ? on_two_hosts : on_one_host;
	const char *text = family == AF_INET ? all[place].inet : all[place].inet6;

	/* Elsewhere routes are not ours, and a packet could leave the machine. */
	if ((place == UNREACHABLE || place == REJECTED) && !strcmp(stage(), "host"))
		unavailable("an address that is known to be unreachable, which a stage gives", 0);
	if (!text)
		unavailable("an address where nobody answers, which the stages pair and wire give",
			    0);
	return text;
}

static struct name unix_name(enum place place, uint16_t port)
{
	struct name name = {.un = {.sun_family = AF_UNIX}};
	int used = snprintf(name.un.sun_path, sizeof name.un.sun_path, "%s-%u",
			    place == FAR ? "far" : "near", port);

	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)used + 1);
	return name;
}

struct name name_in(int family, enum place place, uint16_t port)
{
	struct name name = {0};

	if (family == AF_UNIX)
		return unix_name(place, port);
	name.any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		inet_pton(AF_INET, host_text(family, place), &name.in.sin_addr);
		name.length = sizeof name.in;
	} else {
		inet_pton(AF_INET6, host_text(family, place), &name.in6.sin6_addr);
		name.length = sizeof name.in6;
	}
	set_port(&name, port);
	return name;
}

struct name name_of(enum place place, uint16_t port)
{
	return name_in(family(), place, port);
}

struct name absolute_name(const char *file)
{
	struct name name = {.un = {.sun_family = AF_UNIX}};
	char folder[sizeof name.un.sun_path];
	int used;

	if (!getcwd(folder, sizeof folder))
		unavailable("a folder whose name is short", errno);
	used = snprintf(name.un.sun_path, sizeof name.un.sun_path, "%s/%s", folder, file);
	if ((size_t)used >= sizeof name.un.sun_path)
		unavailable("a folder whose name is short", ENAMETOOLONG);
	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)used + 1);
	return name;
}

struct name name_filled(unsigned char fill, socklen_t length)
{
	struct name name;

	memset(name.bytes, fill, sizeof name.bytes);
	name.length = length;
	return name;
}

struct name name_of_socket(int fd)
{
	struct name name = {.length = sizeof name.storage};

	must(getsockname(fd, &name.any, &name.length));
	return name;
}

struct name name_of_peer(int fd)
{
	struct name name = {.length = sizeof name.storage};

	must(getpeername(fd, &name.any, &name.length));
	return name;
}

uint16_t port_of(const struct name *name)
{
	switch (name->any.sa_family) {
	case AF_INET:
		return ntohs(name->in.sin_port);
	case AF_INET6:
		return ntohs(name->in6.sin6_port);
	default:
		return 0;
	}
}

void set_port(struct name *name, uint16_t port)
{
	if (name->any.sa_family == AF_INET)
		name->in.sin_port = htons(port);
	else if (name->any.sa_family == AF_INET6)
		name->in6.sin6_port = htons(port);
}

size_t buffer_lengths(socklen_t exact, socklen_t lengths[BUFFER_LENGTHS_MAX])
{
	const socklen_t wanted[] = {
		0, 1, 2,	 3,	4,	   7,
		8, 9, exact - 1, exact, exact + 1, (socklen_t)sizeof(struct sockaddr_storage)};
	size_t count = 0;

	for (size_t i = 0; i < COUNT(wanted); i++) {
		if (!count || wanted[i] > lengths[count - 1])
			lengths[count++] = wanted[i];
	}
	return count;
}

static struct name loopback(int family, uint16_t port)
{
	struct name name = name_in(family, WILDCARD, port);

	if (family == AF_INET)
		name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		name.in6.sin6_addr = in6addr_loopback;
	return name;
}

size_t own_names(uint16_t port, struct own_name names[OWN_NAMES_MAX])
{
	size_t count = 0;

	names[count++] = (struct own_name){"near", name_of(NEAR, port), FAR};
	if (two_hosts())
		names[count++] = (struct own_name){"loopback", loopback(family(), port), NEAR};
	if (family() == AF_INET6)
		names[count++] = (struct own_name){"mapped", name_in(AF_INET, NEAR, port), FAR};
	return count;
}

struct name name_mapped(const struct name *inet)
{
	struct name name = {.in6 = {.sin6_family = AF_INET6, .sin6_port = inet->in.sin_port}};

	name.in6.sin6_addr.s6_addr[10] = 0xff;
	name.in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(name.in6.sin6_addr.s6_addr + 12, &inet->in.sin_addr, sizeof inet->in.sin_addr);
	name.length = sizeof name.in6;
	return name;
}
