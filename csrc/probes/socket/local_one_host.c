/* SPDX-License-Identifier: Apache-2.0 */
/* A UNIX socket's name is used on its own host, and on another, which can have a socket of that name. */
#include "kit.h"

#include <poll.h>

enum { PATIENCE_MS = 2000 };

/* The same on both hosts. */
static struct name shared_name(void)
{
	struct name name = {.un = {.sun_family = AF_UNIX}};
	static const char word[] = "sockspec";

	if (variant_is("name", "path"))
		return absolute_name(word);
	if (!variant_is("name", "abstract"))
		fault("name=%s is no kind of name", variant("name"));
	memcpy(name.un.sun_path + 1, word, strlen(word));
	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(word));
	return name;
}

static int open_server(const struct name *name)
{
	int s = open_socket_in(AF_UNIX, NEAR, type(), 0);

	if (see_bind(s, name))
		unsupported("a UNIX socket with such a name", errno);
	if (type() != SOCK_DGRAM)
		must(listen(s, 8));
	return s;
}

/* The client connects and speaks; nothing more happens where it cannot connect. */
static void speak_to(const struct name *name, int server, unsigned seed)
{
	int client = open_socket_in(AF_UNIX, NEAR, type(), 0);

	if (see_connect(client, name))
		return;
	see_speak(client, seed);
	if (server < 0)
		return;
	if (type() != SOCK_DGRAM) {
		see_poll(server, POLLIN, PATIENCE_MS);
		server = see_accept(server, NULL);
	}
	see_arrival(server, SAID);
}

static void on_other_host(struct child *self, void *argument)
{
	const struct name *name = argument;

	move_to_far_host();
	meet(self);
	step("on the other host");
	speak_to(name, -1, 2);
	step("the same name there");
	speak_to(name, open_server(name), 3);
	step("here again");
	meet(self);
}

int main(int argc, char **argv)
{
	struct child other;
	struct name name;
	int server;

	probe_begin(argc, argv);
	if (strcmp(stage(), "pair") != 0)
		unavailable("another host, which the stage pair gives", 0);
	name = shared_name();
	fence(NEAR);
	step("on its own host");
	server = open_server(&name);
	speak_to(&name, server, 1);
	child_start(&other, "other host", on_other_host, &name);
	meet(&other);
	meet(&other);
	child_join(&other);
	see_poll(server, POLLIN, 0);
	speak_to(&name, server, 4);
	fence(NEAR);
	return probe_end();
}
