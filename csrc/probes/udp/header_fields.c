/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram is sent after a program said what its headers are to have. */
#include "peer.h"

#include <netinet/ip.h>

static void tell(int s)
{
	bool old = family() == AF_INET;

	if (variant_number("ttl"))
		see_setsockopt(s, old ? IPPROTO_IP : IPPROTO_IPV6,
			       old ? "IP_TTL" : "IPV6_UNICAST_HOPS",
			       old ? IP_TTL : IPV6_UNICAST_HOPS, (int)variant_number("ttl"));
	if (variant_number("tos"))
		see_setsockopt(s, old ? IPPROTO_IP : IPPROTO_IPV6, old ? "IP_TOS" : "IPV6_TCLASS",
			       old ? IP_TOS : IPV6_TCLASS, (int)variant_number("tos"));
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, true);
	tell(s);
	fence(NEAR);
	see_send(BY_SEND, s, "odd", 3, 0, NULL);
	see_send(BY_SEND, s, "even", 4, 0, NULL);
	fence(NEAR);
	return probe_end();
}
