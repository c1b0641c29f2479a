/* SPDX-License-Identifier: Apache-2.0 */
/* bind() with a structure that has the printed fields and nothing else. */
#include "kit.h"

/* Port 0, and the wildcard: all that is not the family is 0. */
struct printed_sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
};

struct printed_sockaddr_in6 {
	sa_family_t sin6_family;
	in_port_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};

static struct name printed_name(void)
{
	const struct printed_sockaddr_in in = {.sin_family = AF_INET};
	const struct printed_sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct name name = {.length = family() == AF_INET ? sizeof in : sizeof in6};

	if (family() == AF_INET)
		memcpy(name.bytes, &in, sizeof in);
	else
		memcpy(name.bytes, &in6, sizeof in6);
	return name;
}

int main(int argc, char **argv)
{
	struct name name;
	int s;

	probe_begin(argc, argv);
	name = printed_name();
	s = open_socket(NEAR, SOCK_DGRAM);
	see_bind(s, &name);
	name = name_filled(0, sizeof name.storage);
	see_getsockname(s, &name);
	return probe_end();
}
