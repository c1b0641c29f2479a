/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of the domain AF_LOCAL are made, and carry data within a host. */
#include "kit.h"

#include <poll.h>

enum { SERVER = 4711, CLIENT = 4712, PATIENCE_MS = 2000 };

static int open_and_bind(uint16_t unix_name)
{
	struct name name = name_in(AF_LOCAL, NEAR, unix_name);
	int s = see_socket(AF_LOCAL, type(), 0);

#ifdef SO_DOMAIN
	see_getsockopt(s, SOL_SOCKET, "SO_DOMAIN", SO_DOMAIN);
#endif
	see_bind(s, &name);
	name = name_filled(0, sizeof name.storage);
	see_getsockname(s, &name);
	return s;
}

static int accept_one(int listener)
{
	see_poll(listener, POLLIN, PATIENCE_MS);
	return see_accept(listener, NULL);
}

int main(int argc, char **argv)
{
	struct name client_name = name_in(AF_LOCAL, NEAR, CLIENT);
	struct name name = name_in(AF_LOCAL, NEAR, SERVER);
	int server;
	int client;

	probe_begin(argc, argv);
	note_number("AF_LOCAL", AF_LOCAL);
	note_number("AF_UNIX", AF_UNIX);
	fence(NEAR);
	step("open");
	server = open_and_bind(SERVER);
	client = open_and_bind(CLIENT);
	if (type() != SOCK_DGRAM)
		must(listen(server, 1));
	step("connect");
	see_connect(client, &name);
	if (type() == SOCK_DGRAM)
		see_connect(server, &client_name);
	else
		server = accept_one(server);
	step("exchange");
	see_exchange(client, server, 1);
	fence(NEAR);
	return probe_end();
}
