/* SPDX-License-Identifier: Apache-2.0 */
/* A listening socket accepts one connection after the other, whatever becomes of the earlier ones. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

struct server {
	int listener;
	struct name name;
	int client;
	int accepted;
};

/* Each lets something happen to the connection that was accepted last. */

static void stay(struct server *server)
{
	see_exchange(server->accepted, server->client, 1);
}

static void server_closes(struct server *server)
{
	see_close(server->accepted);
}

static void client_closes(struct server *server)
{
	must(close(server->client));
	await_poll(server->accepted, POLLIN);
}

static void server_shuts_down(struct server *server)
{
	see_shutdown(server->accepted, SHUT_RDWR);
}

static void client_resets(struct server *server)
{
	struct linger none = {.l_onoff = 1};

	must(setsockopt(server->client, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	must(close(server->client));
	await_poll(server->accepted, POLLIN);
}

/* Nobody waits: accept() fails. */
static void queue_is_empty(struct server *server)
{
	must(fcntl(server->listener, F_SETFL, O_NONBLOCK));
	see_accept(server->listener, NULL);
	must(fcntl(server->listener, F_SETFL, 0));
}

static const struct {
	const char *name;
	void (*happen)(struct server *);
} events[] = {
	{"the connection stays", stay},		 {"the server closes it", server_closes},
	{"the client closes it", client_closes}, {"the server shuts it down", server_shuts_down},
	{"the client resets it", client_resets}, {"an accept() fails", queue_is_empty},
};

static void connect_and_accept(struct server *server)
{
	struct name name = name_filled(0, sizeof name.storage);

	server->client = open_socket(FAR, SOCK_STREAM);
	must(connect(server->client, &server->name.any, server->name.length));
	server->accepted = see_accept(server->listener, NULL);
	see_exchange(server->accepted, server->client, 3);
	see_getsockname(server->listener, &name);
	see_getsockopt(server->listener, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
}

int main(int argc, char **argv)
{
	struct server server;

	probe_begin(argc, argv);
	server.listener = open_listener(NEAR, 8);
	server.name = name_of_socket(server.listener);
	note_name("bound", &server.name);
	step("the first");
	connect_and_accept(&server);
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		step("%s", events[i].name);
		events[i].happen(&server);
		step("after that %s", events[i].name);
		connect_and_accept(&server);
	}
	return probe_end();
}
