/* SPDX-License-Identifier: Apache-2.0 */
/* A server's and a client's calls act on the one of two sockets whose descriptor they are given. */
#include "kit.h"

#include <fcntl.h>

struct two {
	int given;
	int other;
};

static struct two open_two(const char *who)
{
	struct two two;

	step("%s: socket", who);
	note_open_fds();
	two.given = see_socket(family(), SOCK_STREAM, 0);
	see_fcntl(two.given, "F_GETFD", F_GETFD, 0);
	two.other = see_socket(family(), SOCK_STREAM, 0);
	see_fcntl(two.other, "F_GETFD", F_GETFD, 0);
	return two;
}

static void look_at(int fd)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = local;

	see_getsockname(fd, &local);
	see_getpeername(fd, &peer);
	see_getsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE);
	see_getsockopt(fd, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
}

static void look_at_both(const char *when, const struct two *two)
{
	step("%s: given", when);
	look_at(two->given);
	step("%s: other", when);
	look_at(two->other);
}

int main(int argc, char **argv)
{
	struct two server;
	struct two client;
	struct name name;
	int accepted;

	probe_begin(argc, argv);
	name = name_of(NEAR, family() == AF_UNIX);
	server = open_two("server");
	client = open_two("client");
	see_setsockopt(server.given, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, 1);
	look_at_both("setsockopt", &server);
	see_bind(server.given, &name);
	look_at_both("bind", &server);
	see_listen(server.given, 8);
	look_at_both("listen", &server);
	name = name_of_socket(server.given);
	note_name("server", &name);
	see_connect(client.given, &name);
	look_at_both("connect", &client);
	step("accept");
	accepted = see_accept(server.given, NULL);
	step("data");
	see_exchange(client.given, accepted, 1);
	step("shutdown");
	see_shutdown(client.given, SHUT_WR);
	see_arrival(accepted, SAID);
	step("close");
	see_close(client.given);
	look_at_both("close", &client);
	return probe_end();
}
