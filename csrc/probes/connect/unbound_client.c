/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that never call bind() connect to one server, which is told where they come from. */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>

enum { CLIENTS = 3 };

/* The ports that the system gives by itself, where it tells them (Linux, ip(7)). */
static void note_port_range(void)
{
	char text[64];
	char *rest;
	int fd = open("/proc/sys/net/ipv4/ip_local_port_range", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return;
	text[got] = '\0';
	note_number("port range from", strtol(text, &rest, 10));
	note_number("port range to", strtol(rest, NULL, 10));
}

static void hear_stream(int server)
{
	struct name from = name_filled(0, sizeof from.storage);
	int s = see_accept(server, &from);

	see_receive(BY_RECV, s, SAID, 0);
}

static void hear_datagram(int server)
{
	struct name from = name_filled(0, sizeof from.storage);

	see_recvfrom(server, SAID, 0, &from);
}

static void serve_client(int server, const struct name *name)
{
	struct name local = name_filled(0, sizeof local.storage);
	int s = open_socket(NEAR, type());

	see_getsockname(s, &local);
	see_connect(s, name);
	see_getsockname(s, &local);
	see_speak(s, 1);
	if (type() == SOCK_STREAM)
		hear_stream(server);
	else
		hear_datagram(server);
}

int main(int argc, char **argv)
{
	struct name name;
	int server;

	probe_begin(argc, argv);
	note_port_range();
	server = type() == SOCK_STREAM ? open_listener(FAR, CLIENTS) : open_bound(FAR, type());
	name = name_of_socket(server);
	for (int i = 1; i <= CLIENTS; i++) {
		step("client %d", i);
		serve_client(server, &name);
	}
	return probe_end();
}
