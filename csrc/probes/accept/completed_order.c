/* SPDX-License-Identifier: Apache-2.0 */
/* The client that began first completes last: the end of its handshake is lost, and repeated later. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

static struct name name;

static int see_client(void)
{
	int client = open_socket(FAR, SOCK_STREAM);

	see_connect(client, &name);
	return client;
}

/* By its data the server knows which client it has accepted. */
static void see_accepted(int listener)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	see_arrival(see_accept(listener, &peer), SAID);
}

int main(int argc, char **argv)
{
	int listener;
	int first;
	int second;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, 8);
	name = name_of_socket(listener);
	must(fcntl(listener, F_SETFL, O_NONBLOCK));

	step("the first begins");
	lose_acks(listener);
	first = see_client();
	see_accept(listener, NULL);

	step("the second completes");
	lose_nothing(listener);
	second = see_client();
	see_speak(second, 2);
	await_acknowledged(second);

	step("the first completes");
	see_speak(first, 1);
	await_acknowledged(first);

	step("accepted first");
	see_accepted(listener);
	step("accepted second");
	see_accepted(listener);
	step("nobody");
	see_accept(listener, NULL);
	return probe_end();
}
