/* SPDX-License-Identifier: Apache-2.0 */
/* bind() to the port of a server whose last connection one of the two sides closed first. */
#include "peer.h"

static void near_first(int fd, struct flow *flow)
{
	must(close(fd));
	peer_gets(flow, FIN);
	peer_sends(flow, FIN | ACK);
	peer_is_acknowledged(flow);
}

static void peer_first(int fd, struct flow *flow)
{
	peer_sends(flow, FIN | ACK);
	fence(FAR);
	must(close(fd));
	peer_gets(flow, FIN);
	peer_sends(flow, ACK);
	fence(FAR);
}

/* Its connections inherit the option, and Linux looks at both sides of a conflict. */
static void permit_reuse(int listener)
{
	if (variant_is("server", "reuse"))
		set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
}

int main(int argc, char **argv)
{
	struct flow flow;
	struct name name;
	int listener;
	int fd;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, 4);
	name = name_of_socket(listener);
	permit_reuse(listener);
	fd = accept_from_peer(listener, &flow);
	must(close(listener));
	if (variant_is("first", "near"))
		near_first(fd, &flow);
	else
		peer_first(fd, &flow);
	step("plain");
	fd = open_socket(NEAR, SOCK_STREAM);
	see_bind(fd, &name);
	must(close(fd));
	step("SO_REUSEADDR");
	fd = open_socket(NEAR, SOCK_STREAM);
	see_setsockopt(fd, SOL_SOCKET, "SO_REUSEADDR", SO_REUSEADDR, 1);
	see_bind(fd, &name);
	return probe_end();
}
