/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a TCP socket before and after listen(), and how it answers a SYN. */
#include "kit.h"

static void see_state(int s)
{
	see_tcp_state(s);
	see_getsockopt(s, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
}

static void see_client(const struct name *server)
{
	int client = open_socket(FAR, SOCK_STREAM);

	see_connect(client, server);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	struct name name;
	int s;

	probe_begin(argc, argv);
	step("fresh");
	s = open_socket(NEAR, SOCK_STREAM);
	see_state(s);

	step("bound");
	name = name_of(NEAR, 0);
	must(bind(s, &name.any, name.length));
	name = name_of_socket(s);
	note_name("server", &name);
	see_state(s);
	see_client(&name);

	step("listen");
	see_listen(s, 1);
	see_state(s);

	step("a client");
	see_client(&name);
	see_state(s);
	return probe_end();
}
