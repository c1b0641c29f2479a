/* SPDX-License-Identifier: Apache-2.0 */
/* connect() and accept() on a socket as socket() makes it, and on one after listen(). */
#include "kit.h"

static void accept_once(void *argument)
{
	const int *listener = argument;

	see_accept(*listener, NULL);
}

static void see_passive(int s, const struct name *server)
{
	struct sleeper sleeper = {.who = NULL};
	struct name name = name_of_socket(s);
	int client;

	step("listen");
	see_listen(s, 4);
	fence(NEAR);

	step("passive");
	see_getsockopt(s, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
	see_connect(s, server);
	fence(NEAR);

	step("a client");
	sleeper_start(&sleeper, "server", accept_once, &s);
	see_asleep(&sleeper, "accept");
	client = open_socket(FAR, type());
	see_connect(client, &name);
	sleeper_join(&sleeper);
}

int main(int argc, char **argv)
{
	struct name server;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_bound(FAR, type());
	must(listen(listener, 4));
	server = name_of_socket(listener);

	step("active");
	s = open_socket(NEAR, type());
	see_getsockopt(s, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
	see_accept(s, NULL);
	see_connect(s, &server);

	see_passive(open_bound(NEAR, type()), &server);
	return probe_end();
}
