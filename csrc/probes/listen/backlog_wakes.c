/* SPDX-License-Identifier: Apache-2.0 */
/* A client that sleeps in connect() while the server's queue is full, and an accept() that makes room. */
#include "kit.h"

#include <fcntl.h>

enum { BACKLOG = 2, MOST = 24 };

static struct name name;

/* Whether the client is in the queue; then its number is there for the server. */
static bool connect_one(unsigned char number)
{
	int client = open_socket(FAR, type() | SOCK_NONBLOCK);

	if (connect(client, &name.any, name.length)) {
		must(errno == EAGAIN ? 0 : -1);
		must(close(client));
		return false;
	}
	send_all(client, &number, sizeof number);
	return true;
}

static void see_accepted(int listener)
{
	see_arrival(see_accept(listener, NULL), 1);
}

int main(int argc, char **argv)
{
	struct connector waiting;
	unsigned char number = 0;
	int listener;
	int client;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), BACKLOG);
	name = name_of_socket(listener);
	must(fcntl(listener, F_SETFL, O_NONBLOCK));
	while (number < MOST && connect_one(number))
		number++;
	note_number("queued", number);

	step("full");
	client = open_socket(FAR, type());
	connector_start(&waiting, client, &name);
	see_asleep(&waiting.sleeper, "connect");
	step("room");
	see_accepted(listener);
	sleeper_end(&waiting.sleeper);
	step("the others");
	see_send(BY_SEND, client, &number, sizeof number, MSG_NOSIGNAL, NULL);
	for (unsigned char i = 0; i < number; i++)
		see_accepted(listener);
	step("nobody");
	see_accept(listener, NULL);
	return probe_end();
}
