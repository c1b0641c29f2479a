/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram to a multicast group that the sender has joined itself. */
#include "peer.h"

static void set_multicast(int s, const char *inet, int inet_option, const char *inet6,
			  int inet6_option, int value)
{
	if (family() == AF_INET)
		see_setsockopt(s, IPPROTO_IP, inet, inet_option, value);
	else
		see_setsockopt(s, IPPROTO_IPV6, inet6, inet6_option, value);
}

static int open_member(struct name *group)
{
	struct name name = name_of(WILDCARD, 0);
	int s = open_socket(NEAR, SOCK_DGRAM);

	must(bind(s, &name.any, name.length));
	name = name_of_socket(s);
	*group = group_name(port_of(&name));
	send_to_groups_by_link(s);
	see_join_group(s);
	return s;
}

int main(int argc, char **argv)
{
	struct name group;
	int s;

	probe_begin(argc, argv);
	s = open_member(&group);
	if (variant_number("ttl"))
		set_multicast(s, "IP_MULTICAST_TTL", IP_MULTICAST_TTL, "IPV6_MULTICAST_HOPS",
			      IPV6_MULTICAST_HOPS, (int)variant_number("ttl"));
	if (!variant_is("loop", "default"))
		set_multicast(s, "IP_MULTICAST_LOOP", IP_MULTICAST_LOOP, "IPV6_MULTICAST_LOOP",
			      IPV6_MULTICAST_LOOP, variant_is("loop", "on"));
	fence(NEAR);
	see_send(BY_SENDTO, s, "to all", 6, 0, &group);
	fence(NEAR);
	see_receive_now(BY_RECV, s, 64);
	return probe_end();
}
