/* SPDX-License-Identifier: Apache-2.0 */
/* accept() on a listening socket with SO_RCVTIMEO set, while no client comes, and when one does. */
#include "kit.h"

#include <poll.h>

/* Whether accept() was still waiting when it had been looked at. */
static bool see_wait(int listener, long timeout_us)
{
	struct acceptor acceptor;
	bool waits;

	step("%ld us", timeout_us);
	see_set_timeout(listener, "SO_RCVTIMEO", SO_RCVTIMEO, timeout_us);
	note_open_fds();
	acceptor_start(&acceptor, "server", listener);
	see_asleep(&acceptor.sleeper, "accept");
	waits = !sleeper_done(&acceptor.sleeper);
	sleeper_end(&acceptor.sleeper);
	note_open_fds();
	return waits;
}

int main(int argc, char **argv)
{
	struct name name;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), 4);
	name = name_of_socket(listener);

	/* On a busy machine a short time is over before anyone looks: then a longer one. */
	for (long us = 10000; us <= 1000000 && !see_wait(listener, us); us *= 4)
		;

	step("a client");
	see_connect(open_socket(FAR, type()), &name);
	await_poll(listener, POLLIN);
	see_accept(listener, NULL);
	return probe_end();
}
