/* SPDX-License-Identifier: Apache-2.0 */
/* getsockname() on a socket bound to port 0, and on one bound to a port of its own choice. */
#include "kit.h"

/* Whether the port is really the socket's: a peer reaches it there. */
static void see_reached(int s, struct name own)
{
	struct name name = name_of(NEAR, port_of(&own));
	struct name from = name_filled(0, sizeof from.storage);
	int client = open_socket(FAR, type());

	if (type() == SOCK_DGRAM) {
		see_send(BY_SENDTO, client, "hello", 5, 0, &name);
		see_receive_soon(BY_RECV, s, 64);
		return;
	}
	must(listen(s, 1));
	see_connect(client, &name);
	see_accept(s, &from);
}

int main(int argc, char **argv)
{
	struct name own;
	struct name any;
	int s;

	probe_begin(argc, argv);
	any = name_of(variant_is("address", "wildcard") ? WILDCARD : NEAR, 0);

	step("port 0");
	s = open_socket(NEAR, type());
	see_bind(s, &any);
	own = name_filled(0, sizeof own.storage);
	see_getsockname(s, &own);
	see_reached(s, own);

	/* A port that is free: the one that another socket just had. */
	step("port given");
	s = open_bound(NEAR, type());
	own = name_of_socket(s);
	set_port(&any, port_of(&own));
	must(close(s));
	s = open_socket(NEAR, type());
	see_bind(s, &any);
	own = name_filled(0, sizeof own.storage);
	see_getsockname(s, &own);
	return probe_end();
}
