/* SPDX-License-Identifier: Apache-2.0 */
/* bind() to a link-local IPv6 address with the interface it belongs to, with none, and with no such. */
#include "kit.h"

#include <arpa/inet.h>
#include <net/if.h>

enum { NO_SUCH_INTERFACE = 0x7fffffff };

/* The address need not be this host's: what is looked at is its scope. */
static int open_free(void)
{
	int s = open_socket_in(AF_INET6, NEAR, type(), 0);

#ifdef IPV6_FREEBIND
	int yes = 1;

	if (setsockopt(s, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof yes))
		unavailable("bind() to an address that is no host's (IPV6_FREEBIND)", errno);
#else
	unavailable("bind() to an address that is no host's (IPV6_FREEBIND)", 0);
#endif
	return s;
}

static void bind_with(const char *what, uint32_t scope)
{
	struct name name = name_in(AF_INET6, WILDCARD, 0);
	int s = open_free();

	inet_pton(AF_INET6, "fe80::1:2:3:4", &name.in6.sin6_addr);
	name.in6.sin6_scope_id = scope;
	step("%s", what);
	see_bind(s, &name);
	name = name_filled(0, sizeof name.storage);
	see_getsockname(s, &name);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	note_number("interface", if_nametoindex("lo"));
	bind_with("its interface", if_nametoindex("lo"));
	bind_with("no interface", 0);
	bind_with("no such interface", NO_SUCH_INTERFACE);
	return probe_end();
}
