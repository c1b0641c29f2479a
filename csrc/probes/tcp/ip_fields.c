/* SPDX-License-Identifier: Apache-2.0 */
/* A connection from SYN to FIN with an option that says what its IP headers are to have. */
#include "peer.h"

#include <netinet/ip.h>

struct told {
	const char *word;
	int family;
	int level;
	int option;
	const char *name;
};

static const struct told options[] = {
	{"ttl", AF_INET, IPPROTO_IP, IP_TTL, "IP_TTL"},
	{"ttl", AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS"},
	{"tos", AF_INET, IPPROTO_IP, IP_TOS, "IP_TOS"},
	{"tos", AF_INET6, IPPROTO_IPV6, IPV6_TCLASS, "IPV6_TCLASS"},
#ifdef IP_MTU_DISCOVER
	{"pmtudisc", AF_INET, IPPROTO_IP, IP_MTU_DISCOVER, "IP_MTU_DISCOVER"},
#endif
};

static void tell(int s)
{
	const char *word = variant("option");

	if (!strcmp(word, "none"))
		return;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		const struct told *told = &options[i];

		if (strcmp(told->word, word) != 0 || told->family != family())
			continue;
		see_setsockopt(s, told->level, told->name, told->option,
			       (int)variant_number("value"));
		return;
	}
	unsupported(word, 0);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_socket();
	tell(s);
	flow = peer_listens();
	connect_to_peer(s, &flow);
	see_send(BY_WRITE, s, "data", 4, 0, NULL);
	peer_takes(&flow, 4);
	see_close(s);
	peer_gets(&flow, FIN);
	peer_sends(&flow, FIN | ACK);
	peer_is_acknowledged(&flow);
	fence(NEAR);
	return probe_end();
}
