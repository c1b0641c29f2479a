/* SPDX-License-Identifier: Apache-2.0 */
/* An AF_INET6 socket speaks with an AF_INET socket, whose address it is given as an IPv6 address. */
#include "kit.h"

#include <poll.h>

enum { PATIENCE_MS = 2000 };

static int open_server(void)
{
	struct name name = name_in(AF_INET6, WILDCARD, 0);
	int s = open_socket_in(AF_INET6, FAR, type(), 0);
	int no = 0;

	must(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no));
	must(bind(s, &name.any, name.length));
	if (type() == SOCK_STREAM)
		must(listen(s, 1));
	return s;
}

/* The far host's IPv4 address, with the port of its IPv6 socket. */
static struct name inet_name_of(int server)
{
	struct name name = name_of_socket(server);

	return name_in(AF_INET, FAR, port_of(&name));
}

static void by_connection(int client, int server, const struct name *name)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	int accepted;

	must(connect(client, &name->any, name->length));
	see_poll(server, POLLIN, PATIENCE_MS);
	accepted = see_accept(server, &peer);
	see_both_names(accepted);
	step("exchange");
	see_exchange(client, accepted, 1);
}

static void by_datagrams(int client, int server, const struct name *name)
{
	struct name from = name_filled(0, sizeof from.storage);

	must(connect(client, &name->any, name->length));
	see_speak(client, 1);
	see_poll(server, POLLIN, PATIENCE_MS);
	see_recvfrom(server, SAID, MSG_DONTWAIT, &from);
	see_send(BY_SENDTO, server, "answer", 6, 0, &from);
	see_arrival(client, SAID);
}

int main(int argc, char **argv)
{
	struct name name;
	int server;
	int client;

	probe_begin(argc, argv);
	server = open_server();
	client = open_socket_in(AF_INET, NEAR, type(), 0);
	name = inet_name_of(server);
	note_name("server", &name);
	if (type() == SOCK_STREAM)
		by_connection(client, server, &name);
	else
		by_datagrams(client, server, &name);
	name = name_of_socket(client);
	note_name("client", &name);
	return probe_end();
}
