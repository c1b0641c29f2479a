/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() of a listening socket in which another thread sleeps in accept(), and a client after that. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct acceptor acceptor;
	struct name name;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), 4);
	name = name_of_socket(listener);

	step("waiting");
	note_open_fds();
	acceptor_start(&acceptor, "server", listener);
	see_asleep(&acceptor.sleeper, "accept");
	step("shutdown");
	see_shutdown(listener, shut_how());
	see_asleep(&acceptor.sleeper, "accept");
	note_open_fds();
	step("a client");
	see_connect(open_socket(FAR, type()), &name);
	sleeper_end(&acceptor.sleeper);
	return probe_end();
}
