/* SPDX-License-Identifier: Apache-2.0 */
/* A caught signal while accept() waits for a client, with and without SA_RESTART. */
#include "kit.h"

#include <poll.h>
#include <signal.h>

int main(int argc, char **argv)
{
	struct acceptor acceptor;
	struct name name;
	int listener;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, variant_is("restart", "yes") ? SA_RESTART : 0);
	listener = open_listener_of(NEAR, type(), 4);
	name = name_of_socket(listener);

	step("waiting");
	note_open_fds();
	acceptor_start(&acceptor, "server", listener);
	see_asleep(&acceptor.sleeper, "accept");
	sleeper_signal(&acceptor.sleeper, SIGUSR1);
	await_signals(1);
	step("after the signal");
	see_asleep(&acceptor.sleeper, "accept");
	note_open_fds();
	step("a client");
	see_connect(open_socket(FAR, type()), &name);
	sleeper_end(&acceptor.sleeper);
	step("the next client");
	if (acceptor.result != -1)
		see_connect(open_socket(FAR, type()), &name);
	await_poll(listener, POLLIN);
	see_accept(listener, NULL);
	return probe_end();
}
