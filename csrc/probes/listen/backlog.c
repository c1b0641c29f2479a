/* SPDX-License-Identifier: Apache-2.0 */
/* Clients come until the server's queue takes no more, while nobody accepts; then all are accepted. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

enum {
	MOST = 24, /* clients, however long the queue is */
	LIMIT = 7, /* of the host's queues, so that a huge backlog can be filled */
};

static struct name name;
static int listener;

/* A client that does not wait, and whether it is connected.  Then it tells the server its number; once
 * that is acknowledged the connection is complete at the server too. */
static bool see_client(int client, unsigned char number)
{
	int64_t lost = lost_at(listener);

	if (see_connect(client, &name) && errno != EINPROGRESS)
		return false;
	if (family() != AF_UNIX)
		await_answer(client, listener, lost);
	if (see_poll(client, POLLOUT, 0) == 0 || see_so_error(client))
		return false;
	send_all(client, &number, sizeof number);
	if (family() != AF_UNIX)
		await_acknowledged(client);
	return true;
}

/* Whether one was kept out. */
static bool fill_queue(void)
{
	for (int i = 0; i < MOST; i++) {
		int client = open_socket(FAR, type() | SOCK_NONBLOCK);

		step("client %d", i);
		if (see_client(client, (unsigned char)i))
			continue;
		must(close(client)); /* it does not try again */
		return true;
	}
	return false;
}

/* A signal ends the wait, for TCP would try again only after 1 s. */
static void see_waiting_client(void)
{
	struct connector connector;
	int client = open_socket(FAR, type());
	int64_t lost = lost_at(listener);

	step("a client that waits");
	connector_start(&connector, client, &name);
	see_asleep(&connector.sleeper, "connect");
	if (family() != AF_UNIX)
		await_answer(client, listener, lost);
	step("it was kept out");
	see_asleep(&connector.sleeper, "connect");
	step("it gives up");
	sleeper_signal(&connector.sleeper, SIGUSR1);
	sleeper_end(&connector.sleeper);
	must(close(client));
}

static void see_all_accepted(void)
{
	int s;

	step("accepted");
	while ((s = see_accept(listener, NULL)) >= 0)
		see_arrival(s, 1);
}

static void see_another(void)
{
	int client = open_socket(FAR, type());

	step("places are free");
	see_connect(client, &name);
	see_speak(client, 3);
	await_poll(listener, POLLIN);
	see_arrival(see_accept(listener, NULL), SAID);
}

int main(int argc, char **argv)
{
	int backlog;
	bool full;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	backlog = (int)variant_number("backlog");
	if ((backlog < 0 || backlog > LIMIT) && limit_queues(LIMIT))
		note_number("net.core.somaxconn", LIMIT);
	listener = open_bound(NEAR, type());
	name = name_of_socket(listener);
	must(fcntl(listener, F_SETFL, O_NONBLOCK));
	see_listen(listener, backlog);
	full = fill_queue();
	note_number("full", full);
	if (full)
		see_waiting_client();
	see_all_accepted();
	see_another();
	return probe_end();
}
