/* SPDX-License-Identifier: Apache-2.0 */
/* connect() without a local address, to servers that different routes lead to. */
#include "kit.h"

#include <arpa/inet.h>

static struct name loopback(void)
{
	struct name name = name_of(WILDCARD, 0);

	if (family() == AF_INET)
		name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		name.in6.sin6_addr = in6addr_loopback;
	return name;
}

/* An address of this host that no interface lists: all of 127.0.0.0/8 loops back (RFC 1122, 3.2.1.3). */
static struct name second_loopback(void)
{
	struct name name = name_in(AF_INET, WILDCARD, 0);

	name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	return name;
}

static int open_listener_at(enum place side, const struct name *name)
{
	int fd = open_socket(side, SOCK_STREAM);

	must(bind(fd, &name->any, name->length));
	must(listen(fd, 1));
	return fd;
}

static int server_of_variant(void)
{
	struct name name;

	if (variant_is("to", "far"))
		return open_listener(FAR, 1);
	if (variant_is("to", "near"))
		return open_listener(NEAR, 1);
	if (variant_is("to", "loopback"))
		name = loopback();
	else if (variant_is("to", "second_loopback"))
		name = second_loopback();
	else
		fault("to=%s is no place", variant("to"));
	return open_listener_at(NEAR, &name);
}

/* bound=no; bound=wildcard, which names no address either. */
static void bind_as_variant(int s)
{
	struct name any = name_of(WILDCARD, 0);

	if (variant_is("bound", "wildcard"))
		must(bind(s, &any.any, any.length));
}

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name from = name_filled(0, sizeof from.storage);
	struct name server;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = server_of_variant();
	server = name_of_socket(listener);
	s = open_socket(NEAR, SOCK_STREAM);
	bind_as_variant(s);

	step("before");
	see_getsockname(s, &local);

	step("connect");
	see_connect(s, &server);
	see_getsockname(s, &local);
	see_accept(listener, &from);
	return probe_end();
}
