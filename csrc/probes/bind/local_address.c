/* SPDX-License-Identifier: Apache-2.0 */
/* bind() to addresses of this host's interfaces, and to addresses of none of them. */
#include "kit.h"

#include <arpa/inet.h>

/* One that no interface has.  Multicast: those of RFC 6676 for documents. */
static struct name foreign(const char *inet, const char *inet6)
{
	struct name name = name_of(WILDCARD, 0);

	if (family() == AF_INET)
		inet_pton(AF_INET, inet, &name.in.sin_addr);
	else
		inet_pton(AF_INET6, inet6, &name.in6.sin6_addr);
	return name;
}

static void see_bound(const char *what, struct name name)
{
	struct name own = name_filled(0, sizeof own.storage);
	int s = open_socket(NEAR, type());

	step("%s", what);
	see_bind(s, &name);
	see_getsockname(s, &own);
}

/* ip(7), IP_FREEBIND: a program may ask for an address that the host does not have yet. */
static void see_freebind(void)
{
#if defined IP_FREEBIND && defined IPV6_FREEBIND
	struct name name = foreign("203.0.113.7", "2001:db8:7::7");
	int s = open_socket(NEAR, type());

	step("foreign, with IP_FREEBIND");
	if (family() == AF_INET)
		see_setsockopt(s, IPPROTO_IP, "IP_FREEBIND", IP_FREEBIND, 1);
	else
		see_setsockopt(s, IPPROTO_IPV6, "IPV6_FREEBIND", IPV6_FREEBIND, 1);
	see_bind(s, &name);
#endif
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_bound("own", name_of(NEAR, 0));
	see_bound("loopback", foreign("127.0.0.1", "::1"));
	see_bound("foreign", foreign("203.0.113.7", "2001:db8:7::7"));
	if (!strcmp(stage(), "pair"))
		see_bound("a neighbour's", name_of(FAR, 0));
	if (family() == AF_INET) {
		see_bound("second loopback", foreign("127.0.0.2", ""));
		see_bound("broadcast", foreign("255.255.255.255", ""));
	}
	see_bound("multicast", foreign("233.252.0.1", "ff3e::db8:0:1"));
	see_freebind();
	return probe_end();
}
