/* SPDX-License-Identifier: Apache-2.0 */
/* A UNIX socket is bound to a name of some kind, and is reached by it. */
#include "kit.h"

#include <poll.h>

enum { PATIENCE_MS = 2000, RELATIVE = 4711 };

static struct name abstract_name(void)
{
	struct name name = {.un = {.sun_family = AF_UNIX}};
	int used = snprintf(name.un.sun_path + 1, sizeof name.un.sun_path - 1, "sockspec-%ld",
			    (long)getpid());

	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)used);
	return name;
}

/* unix(7), autobind: the family alone. */
static struct name no_name(void)
{
	return (struct name){.un = {.sun_family = AF_UNIX}, .length = sizeof(sa_family_t)};
}

/* An address of another domain, of a port that is free. */
static struct name inet_name(void)
{
	return name_in(AF_INET, NEAR, 0);
}

static struct name name_of_variant(void)
{
	if (variant_is("name", "absolute"))
		return absolute_name("absolute");
	if (variant_is("name", "relative"))
		return name_in(AF_UNIX, NEAR, RELATIVE);
	if (variant_is("name", "abstract"))
		return abstract_name();
	if (variant_is("name", "chosen"))
		return no_name();
	if (variant_is("name", "inet"))
		return inet_name();
	fault("name=%s is no kind of name", variant("name"));
}

static void by_connection(int server, const struct name *name)
{
	int client = open_socket_in(AF_UNIX, NEAR, type(), 0);
	int accepted;

	must(listen(server, 1));
	if (see_connect(client, name))
		return;
	see_poll(server, POLLIN, PATIENCE_MS);
	accepted = see_accept(server, NULL);
	see_exchange(client, accepted, 1);
}

static void by_datagram(int server, const struct name *name)
{
	int client = open_socket_in(AF_UNIX, NEAR, type(), 0);

	if (see_send(BY_SENDTO, client, "hello", 5, 0, name) < 0)
		return;
	see_arrival(server, SAID);
}

int main(int argc, char **argv)
{
	struct name name;
	int server;

	probe_begin(argc, argv);
	server = open_socket_in(AF_UNIX, NEAR, type(), 0);
	name = name_of_variant();
	step("bind");
	if (see_bind(server, &name))
		return probe_end();
	name = name_filled(0, sizeof name.storage);
	see_getsockname(server, &name);
	step("reach");
	if (type() == SOCK_DGRAM)
		by_datagram(server, &name);
	else
		by_connection(server, &name);
	return probe_end();
}
