/* SPDX-License-Identifier: Apache-2.0 */
/* A SYN comes that is addressed to many hosts, or that is said to come from them, and then a right one. */
#include "peer.h"

#include <arpa/inet.h>

static const struct {
	const char *name;
	const char *text;
} groups[] = {
	{"broadcast", "255.255.255.255"},
	{"subnet", "192.0.2.255"},
	{"multicast", "224.0.0.1"},
	{"multicast6", "ff02::1"},
};

static void set_group(unsigned char *address, const char *group)
{
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		if (!strcmp(group, groups[i].name) &&
		    inet_pton(family(), groups[i].text, address) == 1)
			return;
	}
	fault("%s is no group of this family", group);
}

int main(int argc, char **argv)
{
	struct name name;
	struct packet syn;
	struct flow flow;
	int listener;

	probe_begin(argc, argv);
	if (family() == AF_INET) {
		set_sysctl("ipv4/conf/all/rp_filter", variant_number("rp_filter"));
		set_sysctl("ipv4/conf/near/rp_filter", variant_number("rp_filter"));
	}
	name = name_of(WILDCARD, 0);
	listener = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	must(bind(listener, &name.any, name.length));
	must(listen(listener, 5));
	flow = peer_calls(listener);
	syn = peer_packet(&flow);
	syn.flags = SYN;
	syn.seq = flow.iss;
	syn.window = flow.window;
	set_group(variant_is("end", "to") ? syn.dst : syn.src, variant("group"));

	step("group");
	fence(NEAR);
	peer_sends_packet(&syn);
	see_queue(listener);
	fence(NEAR);

	step("one host");
	peer_joins(&flow, listener);
	see_accept_soon(listener);
	return probe_end();
}
