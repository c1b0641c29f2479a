/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets are bound to addresses that differ in one bit, the first and the last of each byte. */
#include "kit.h"

/* Addresses of the documentation ranges need not be this host's with this option, ip(7). */
static void bind_freely(int s)
{
#if defined IP_FREEBIND && defined IPV6_FREEBIND
	int yes = 1;
	int level = family() == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	int option = family() == AF_INET ? IP_FREEBIND : IPV6_FREEBIND;

	if (setsockopt(s, level, option, &yes, sizeof yes))
		unavailable("bind() to addresses that are no host's (IP_FREEBIND)", errno);
#else
	(void)s;
	unavailable("bind() to addresses that are no host's (IP_FREEBIND)", 0);
#endif
}

static struct name base_name(void)
{
	struct name name = name_of(WILDCARD, 0);

	if (family() == AF_INET) {
		name.in.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1 */
		return name;
	}
	memcpy(name.in6.sin6_addr.s6_addr, "\x20\x01\x0d\xb8", 4); /* 2001:db8::1 */
	name.in6.sin6_addr.s6_addr[15] = 1;
	return name;
}

static unsigned char *bytes_of(struct name *name)
{
	if (name->any.sa_family == AF_INET)
		return (unsigned char *)&name->in.sin_addr;
	return name->in6.sin6_addr.s6_addr;
}

static void bind_one(const struct name *name, struct name *bound)
{
	int s = open_socket(NEAR, type());

	bind_freely(s);
	see_bind(s, name);
	*bound = name_filled(0, sizeof bound->storage);
	see_getsockname(s, bound);
}

int main(int argc, char **argv)
{
	static const unsigned char bits[] = {0x80, 0x01};
	struct name base;
	struct name other;
	struct name bound;
	size_t size;

	probe_begin(argc, argv);
	size = family() == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	step("the first");
	base = base_name();
	bind_one(&base, &bound);
	set_port(&base, port_of(&bound));
	step("others");
	for (size_t i = 0; i < size; i++) {
		for (size_t bit = 0; bit < sizeof bits; bit++) {
			other = base;
			bytes_of(&other)[i] ^= bits[bit];
			bind_one(&other, &bound);
		}
	}
	step("the first again");
	bind_one(&base, &bound);
	return probe_end();
}
