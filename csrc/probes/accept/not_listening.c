/* SPDX-License-Identifier: Apache-2.0 */
/* accept() on sockets that do not listen, in every state that they can be in, and on one that does. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

static bool blocking;

static void see_refusal(const char *state, int s)
{
	struct acceptor acceptor;

	step("%s", state);
	see_getsockopt(s, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
	if (!blocking)
		must(fcntl(s, F_SETFL, O_NONBLOCK));
	note_open_fds();
	acceptor_start(&acceptor, "server", s);
	sleeper_end(&acceptor.sleeper);
	note_open_fds();
}

static void see_refusal_after_failure(void)
{
	struct name nobody = refusing_name(FAR, type());
	int s = open_socket(NEAR, type());

	must(connect(s, &nobody.any, nobody.length) == 0 ? -1 : 0);
	see_refusal("a connection refused", s);
}

static void see_listening(void)
{
	int s = open_bound(NEAR, type());
	int client = open_socket(FAR, type());
	struct name name = name_of_socket(s);

	step("listening");
	see_listen(s, 1);
	must(connect(client, &name.any, name.length));
	await_poll(s, POLLIN);
	see_accept(s, NULL);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	blocking = variant_is("mode", "blocking");
	see_refusal("fresh", open_socket(NEAR, type()));
	see_refusal("bound", open_bound(NEAR, type()));
	link = open_link(type());
	see_refusal("connected", link.near);
	if (type() == SOCK_DGRAM)
		return probe_end();
	see_refusal("accepted", link.far);
	if (type() == SOCK_STREAM)
		see_refusal_after_failure();
	see_listening();
	return probe_end();
}
