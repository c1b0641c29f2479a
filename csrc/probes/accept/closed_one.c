/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that the peer made to one listener are closed one by one, while the others go on. */
#include "peer.h"

#include <fcntl.h>

enum { CLIENTS = 3 };

/* Neither in the order in which they came nor in the other. */
static const unsigned turns[CLIENTS] = {1, 0, 2};

struct connection {
	struct flow flow;
	int fd;
};

static struct connection connections[CLIENTS];

/* Its connections' FINs leave at once. */
static int open_steady_listener(void)
{
	int fd = open_steady_socket();
	struct name name = name_of(NEAR, 0);

	must(bind(fd, &name.any, name.length));
	must(listen(fd, CLIENTS));
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

static void see_connection(struct connection *connection, int listener)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	peer_joins(&connection->flow, listener);
	note_name("client", &connection->flow.far);
	fence(FAR);
	connection->fd = see_accept(listener, &peer);
}

static void see_others(void)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (connections[i].fd >= 0)
			see_peer_exchange(&connections[i].flow, connections[i].fd);
	}
}

static void see_closed(struct connection *connection)
{
	fence(NEAR);
	see_close(connection->fd);
	connection->fd = -1;
	fence(NEAR);
	peer_gets(&connection->flow, FIN);
}

int main(int argc, char **argv)
{
	struct connection another;
	int listener;

	probe_begin(argc, argv);
	listener = open_steady_listener();
	note_number("listener", listener);

	step("accepted");
	for (unsigned i = 0; i < CLIENTS; i++)
		see_connection(&connections[i], listener);
	for (unsigned i = 0; i < CLIENTS; i++) {
		step("client %u closed", turns[i]);
		see_closed(&connections[turns[i]]);
		see_others();
	}
	step("another");
	see_connection(&another, listener);
	see_peer_exchange(&another.flow, another.fd);
	return probe_end();
}
