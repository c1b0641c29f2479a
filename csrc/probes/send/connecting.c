/* SPDX-License-Identifier: Apache-2.0 */
/* send() on a TCP socket whose connection is still being made: non-blocking, then blocking. */
#include "kit.h"

#include <fcntl.h>

static void send_once(void *argument)
{
	const int *fd = argument;

	see_send(BY_SEND, *fd, "waited", 6, 0, NULL);
}

int main(int argc, char **argv)
{
	struct sleeper sender;
	struct silent silent;
	int client;
	int far;

	probe_begin(argc, argv);
	silent = open_silent();
	client = open_socket(NEAR, SOCK_STREAM);
	must(fcntl(client, F_SETFL, O_RDWR | O_NONBLOCK));
	see_connect(client, &silent.name);
	step("non-blocking");
	see_send(BY_SEND, client, "hasty", 5, 0, NULL);
	step("blocking");
	must(fcntl(client, F_SETFL, O_RDWR));
	sleeper_start(&sender, "sender", send_once, &client);
	see_asleep(&sender, "send");
	step("connected");
	far = call_back(&silent, client);
	sleeper_join(&sender);
	see_receive_soon(BY_RECV, far, 64);
	return probe_end();
}
