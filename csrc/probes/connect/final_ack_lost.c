/* SPDX-License-Identifier: Apache-2.0 */
/* connect() to a server that loses the final ACK of the handshake, and the next segment that repeats it. */
#include "kit.h"

#include <poll.h>

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name server;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_listener(FAR, 1);
	server = name_of_socket(listener);
	lose_acks(listener);
	s = open_socket(NEAR, SOCK_STREAM);

	step("lost");
	see_connect(s, &server);
	see_getsockname(s, &local);
	fence(NEAR);
	see_poll(listener, POLLIN, 0);

	step("repeated");
	lose_nothing(listener);
	see_speak(s, 1);
	await_poll(listener, POLLIN);
	see_poll(listener, POLLIN, 0);
	see_accept(listener, NULL);
	return probe_end();
}
