/* SPDX-License-Identifier: Apache-2.0 */
/* connect() in either mode to an AF_UNIX server whose queue of clients is full, and then has room. */
#include "kit.h"

#include <fcntl.h>

enum { CLIENTS_MAX = 100 };

/* Clients until no more are let in. */
static void fill_queue(const struct name *name)
{
	for (int i = 0; i < CLIENTS_MAX; i++) {
		int s = open_socket(FAR, type() | SOCK_NONBLOCK);

		if (connect(s, &name->any, name->length) == 0)
			continue;
		if (errno != EAGAIN)
			unavailable("a full queue for which clients wait", errno);
		close(s);
		return;
	}
	unavailable("a queue of clients that is full", 0);
}

int main(int argc, char **argv)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	struct connector client;
	struct name name;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_listener_of(FAR, type(), 0);
	name = name_of_socket(listener);
	fill_queue(&name);
	s = open_socket(NEAR, type());
	if (variant_is("mode", "nonblocking"))
		must(fcntl(s, F_SETFL, O_RDWR | O_NONBLOCK));

	step("the queue is full");
	connector_start(&client, s, &name);
	see_asleep(&client.sleeper, "connect");
	step("the server accepts");
	see_accept(listener, NULL);
	sleeper_join(&client.sleeper);
	if (variant_is("mode", "nonblocking"))
		see_connect(s, &name);
	see_getpeername(s, &peer);
	return probe_end();
}
