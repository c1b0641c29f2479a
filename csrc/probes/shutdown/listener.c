/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() on a listening socket: what accept(), a client and an old connection then see. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

enum { PATIENCE_MS = 2000 };

static int accept_now(int listener)
{
	int fd;

	must(fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK));
	fd = see_accept(listener, NULL);
	must(fcntl(listener, F_SETFL, O_RDWR));
	return fd;
}

/* A connection was taken, another waits in the queue, and a third client comes too late. */
static void see_queue(void)
{
	int listener = open_listener_of(NEAR, type(), 8);
	struct name name = name_of_socket(listener);
	int clients[3];
	int taken;
	int late;

	for (size_t i = 0; i < 3; i++)
		clients[i] = open_socket(FAR, type());
	must(connect(clients[0], &name.any, name.length));
	taken = must(accept(listener, NULL, NULL));
	must(connect(clients[1], &name.any, name.length));
	await_poll(listener, POLLIN);

	step("shutdown");
	see_shutdown(listener, shut_how());
	step("the queue");
	late = accept_now(listener);
	if (late >= 0)
		see_exchange(clients[1], late, 3);
	else
		see_arrival(clients[1], SAID);
	step("a new client");
	see_connect(clients[2], &name);
	see_poll(listener, POLLIN, PATIENCE_MS);
	accept_now(listener);
	step("the old connection");
	see_exchange(clients[0], taken, 1);
}

static void see_waiting(void)
{
	int listener = open_listener_of(NEAR, type(), 8);
	struct name name = name_of_socket(listener);
	int client = open_socket(FAR, type());
	struct acceptor acceptor;

	step("waiting");
	acceptor_start(&acceptor, "server", listener);
	see_asleep(&acceptor.sleeper, "accept");
	see_shutdown(listener, shut_how());
	step("after shutdown");
	see_asleep(&acceptor.sleeper, "accept");
	step("a client");
	if (see_connect(client, &name) && !sleeper_done(&acceptor.sleeper))
		sleeper_signal(&acceptor.sleeper, SIGUSR1); /* nobody else wakes it */
	sleeper_join(&acceptor.sleeper);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	see_queue();
	see_waiting();
	return probe_end();
}
