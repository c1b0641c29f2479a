/* SPDX-License-Identifier: Apache-2.0 */
/* A client that calls bind() before connect(): which of the two gives it its address and its port. */
#include "kit.h"

static int server;
static struct name server_name;

static void see_own_name(int s)
{
	struct name own = name_filled(0, sizeof own.storage);

	see_getsockname(s, &own);
}

/* Where the server sees its client. */
static void see_at_server(void)
{
	struct name from = name_filled(0, sizeof from.storage);

	if (type() == SOCK_DGRAM)
		see_recvfrom(server, SAID, 0, &from);
	else
		see_accept(server, &from);
}

static void see_client(const char *what, enum place place, uint16_t port)
{
	struct name name = name_of(place, port);
	int s = open_socket(NEAR, type());

	step("%s: bind", what);
	see_bind(s, &name);
	see_own_name(s);
	step("%s: connect", what);
	see_connect(s, &server_name);
	see_own_name(s);
	see_speak(s, 1);
	see_at_server();
}

/* A port that is free: one that another socket just had. */
static uint16_t free_port(void)
{
	int s = open_bound(NEAR, type());
	struct name name = name_of_socket(s);

	must(close(s));
	return port_of(&name);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	server = type() == SOCK_DGRAM ? open_bound(FAR, type()) : open_listener(FAR, 4);
	server_name = name_of_socket(server);
	see_client("an address", NEAR, 0);
	see_client("an address and a port", NEAR, free_port());
	see_client("no address", WILDCARD, 0);
	see_client("a port alone", WILDCARD, free_port());
	return probe_end();
}
