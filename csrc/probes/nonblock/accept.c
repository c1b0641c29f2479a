/* SPDX-License-Identifier: Apache-2.0 */
/* accept() on a non-blocking socket while no client is there, and then with one. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { LIMIT_MS = 5000 };

static void accept_once(void *argument)
{
	const int *listener = argument;

	see_accept(*listener, NULL);
}

int main(int argc, char **argv)
{
	struct sleeper server;
	struct name name;
	int listener;
	int client;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), 8);
	name = name_of_socket(listener);
	must(fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK));

	step("no client");
	see_poll(listener, POLLIN, 0);
	sleeper_start(&server, "server", accept_once, &listener);
	see_asleep(&server, "accept");
	step("a client");
	client = open_socket(FAR, type());
	must(see_connect(client, &name));
	sleeper_join(&server);
	see_poll(listener, POLLIN, LIMIT_MS);
	see_accept(listener, NULL);
	return probe_end();
}
