/* SPDX-License-Identifier: Apache-2.0 */
/* accept() while nobody waits in the queue, and the client that then comes. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

static struct name name;

static void see_client(void)
{
	see_connect(open_socket(FAR, type()), &name);
}

static void see_wait(const char *what, int listener)
{
	struct acceptor acceptor;

	step("%s", what);
	acceptor_start(&acceptor, "server", listener);
	see_asleep(&acceptor.sleeper, "accept");
	see_client();
	sleeper_end(&acceptor.sleeper);
}

int main(int argc, char **argv)
{
	int listener;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), 4);
	name = name_of_socket(listener);
	see_wait("empty at first", listener);

	step("a client waits");
	see_client();
	await_poll(listener, POLLIN);
	see_accept(listener, NULL);
	see_wait("empty again", listener);

	must(fcntl(listener, F_SETFL, O_NONBLOCK));
	step("non-blocking, empty");
	see_accept(listener, NULL);
	step("non-blocking, a client waits");
	see_client();
	await_poll(listener, POLLIN);
	see_accept(listener, NULL);

	must(fcntl(listener, F_SETFL, 0));
	see_wait("blocking again", listener);
	return probe_end();
}
