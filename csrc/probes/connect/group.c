/* SPDX-License-Identifier: Apache-2.0 */
/* connect() of a TCP socket to an address of many hosts: broadcast or multicast. */
#include "peer.h"

#include <arpa/inet.h>

static struct name told_group(void)
{
	static const struct {
		const char *name;
		const char *text;
	} groups[] = {
		{"broadcast", "255.255.255.255"},
		{"subnet", "192.0.2.255"},
		{"multicast", "233.252.0.1"},
		{"multicast6", "ff0e::db8:0:1"},
	};
	struct name name = name_of(FAR, 7);
	void *address = family() == AF_INET ? (void *)&name.in.sin_addr : &name.in6.sin6_addr;

	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		if (variant_is("to", groups[i].name) &&
		    inet_pton(family(), groups[i].text, address) == 1)
			return name;
	}
	fault("to=%s is no group of this family", variant("to"));
}

int main(int argc, char **argv)
{
	struct name group;
	int s;

	probe_begin(argc, argv);
	group = told_group();
	s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	fence(NEAR);
	see_connect(s, &group);
	fence(NEAR);
	return probe_end();
}
