/* SPDX-License-Identifier: Apache-2.0 */
/* close() of a listening socket while another thread sleeps in accept() on it, and a client after that. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct acceptor acceptor;
	struct name name;
	int clients[2];
	int listener;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), 4);
	name = name_of_socket(listener);
	for (int i = 0; i < 2; i++)
		clients[i] = open_socket(FAR, type());

	step("waiting");
	acceptor_start(&acceptor, "server", listener);
	see_asleep(&acceptor.sleeper, "accept");
	step("close");
	see_close(listener);
	see_asleep(&acceptor.sleeper, "accept");
	step("a client");
	see_connect(clients[0], &name);
	sleeper_end(&acceptor.sleeper);
	step("afterwards");
	see_accept(listener, NULL);
	see_connect(clients[1], &name);
	return probe_end();
}
