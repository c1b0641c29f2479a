/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a host's addresses lead to a socket: a client at one of them, and what comes of it. */
#include "internal.h"

#include <poll.h>

enum { PATIENCE_MS = 2000 };

/* Waits (bounded) until something has come for the socket, or an error for the client. */
static void await_either(int s, int client)
{
	struct pollfd pollers[] = {{.fd = s, .events = POLLIN}, {.fd = client}};

	must(poll(pollers, COUNT(pollers), PATIENCE_MS));
}

static void see_accepted(int listener, int client, unsigned seed)
{
	struct name name = name_filled(0, sizeof name.storage);
	int accepted;

	if (see_poll(listener, POLLIN, PATIENCE_MS) != 1)
		return; /* another socket has the client */
	accepted = see_accept(listener, &name);
	see_speak(client, seed);
	see_arrival(accepted, SAID);
	name = name_filled(0, sizeof name.storage);
	see_getsockname(accepted, &name);
}

/* A datagram socket that sent to its own port would hear itself. */
static int open_client(const struct own_name *to)
{
	int family = to->name.any.sa_family;
	struct name any = name_in(family, WILDCARD, 0);

	for (;;) {
		int client = open_socket_in(family, to->from, type(), 0);
		struct name own;

		if (type() != SOCK_DGRAM)
			return client;
		must(bind(client, &any.any, any.length));
		own = name_of_socket(client);
		if (port_of(&own) != port_of(&to->name))
			return client;
		close(client);
	}
}

void see_client_at(int s, const struct own_name *to, unsigned seed)
{
	struct name from = name_filled(0, sizeof from.storage);
	int client = open_client(to);

	if (see_connect(client, &to->name))
		return;
	if (type() != SOCK_DGRAM) {
		see_accepted(s, client, seed);
		return;
	}
	see_speak(client, seed);
	await_either(s, client);
	see_recvfrom(s, SAID, MSG_DONTWAIT, &from);
	see_so_error(client);
}
