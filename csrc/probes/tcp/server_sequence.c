/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), bind(), listen(), and for each client accept(), read() and close(), in this order. */
#include "kit.h"

#include <signal.h>

enum {
	BACKLOG = 5,
	MAXBUF = 4096,
	PORT = 6666,	/* that of the source; the stage is the job's own, nobody else has it */
	PATIENCE_S = 3, /* a client that never comes ends accept() with EINTR */
};

/* What each client writes before it closes; in one segment, so that one read() gets it all. */
static const struct {
	const char *name;
	size_t size;
} clients[] = {{"client 1", 5}, {"client 2", 1000}, {"client 3", 0}};

enum { CLIENTS = sizeof clients / sizeof *clients };

struct client {
	struct name server;
	int listener;
	unsigned number;
};

/* The source's client. */
static void be_client(struct child *parent, void *argument)
{
	const struct client *client = argument;
	size_t size = clients[client->number].size;
	unsigned char data[MAXBUF];
	struct name own;
	int s;

	(void)parent;
	must(close(client->listener)); /* it is the server's alone */
	pattern_fill(data, size, 0, client->number);
	s = see_socket_far(family(), SOCK_STREAM, 0);
	see_connect(s, &client->server);
	own = name_of_socket(s);
	note_name(clients[client->number].name, &own);
	if (size)
		see_send(BY_WRITE, s, data, size, 0, NULL);
	see_close(s);
}

/* Every address of the host, and the port. */
static struct name any_address(uint16_t port)
{
	struct name name = {0};

	if (family() == AF_INET6) {
		name.in6.sin6_family = AF_INET6;
		name.in6.sin6_addr = in6addr_any;
		name.in6.sin6_port = htons(port);
		name.length = sizeof name.in6;
		return name;
	}
	name.in.sin_family = AF_INET;
	name.in.sin_addr.s_addr = htonl(INADDR_ANY);
	name.in.sin_port = htons(port);
	name.length = sizeof name.in;
	return name;
}

static void serve(int s, const struct name *any)
{
	struct name peer = name_filled(0, any->length);
	int connected;

	connected = see_accept(s, &peer);
	if (connected < 0)
		return;
	see_receive(BY_READ, connected, MAXBUF, 0);
	see_close(connected);
}

int main(int argc, char **argv)
{
	struct name any;
	struct name own;
	int s;

	probe_begin(argc, argv);
	catch_signal(SIGALRM, 0);
	any = any_address(strcmp(stage(), "host") ? PORT : 0);
	s = see_socket(family(), SOCK_STREAM, 0);
	see_bind(s, &any);
	see_listen(s, BACKLOG);
	own = name_of_socket(s);
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client client = {name_of(NEAR, port_of(&own)), s, i};
		struct child child;

		step("%s", clients[i].name);
		child_start(&child, "client", be_client, &client);
		alarm(PATIENCE_S);
		serve(s, &any);
		child_join(&child);
	}
	alarm(0);
	step("end");
	see_close(s);
	return probe_end();
}
