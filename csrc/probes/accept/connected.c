/* SPDX-License-Identifier: Apache-2.0 */
/* What accept() returned, used in each way to write and to read, and closed by either end. */
#include "kit.h"

#include <poll.h>

enum { SIZE = 300, WAYS = 5 };

struct pair {
	int client;
	int accepted;
};

/* The client speaks before it is accepted. */
static struct pair connect_one(int listener)
{
	struct name name = name_of_socket(listener);
	struct name own = name_filled(0, sizeof own.storage);
	struct pair pair = {.client = open_socket(FAR, type())};

	must(connect(pair.client, &name.any, name.length));
	see_speak(pair.client, 1);
	own = name_of_socket(pair.client);
	note_name("client", &own);
	own = name_of_peer(pair.client);
	note_name("server", &own);
	pair.accepted = see_accept(listener, &name);
	see_arrival(pair.accepted, SAID);
	return pair;
}

static void see_state(int listener, int accepted)
{
	struct name name = name_filled(0, sizeof name.storage);

	see_both_names(accepted);
	see_getsockopt(accepted, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
	see_getsockopt(accepted, SOL_SOCKET, "SO_TYPE", SO_TYPE);
	note_number("type", type());
	see_so_error(accepted);
	see_getpeername(listener, &name);
}

static void see_ways(const struct pair *pair)
{
	unsigned char data[SIZE];

	for (int i = 0; i < WAYS; i++) {
		step("write %d", i);
		pattern_fill(data, sizeof data, 0, (unsigned)i);
		see_send((enum writer)i, pair->accepted, data, sizeof data, 0, NULL);
		see_arrival(pair->client, SIZE);
		step("read %d", i);
		pattern_fill(data, sizeof data, 0, (unsigned)(i + WAYS));
		send_all(pair->client, data, sizeof data);
		await_unread(pair->accepted, sizeof data);
		see_receive((enum reader)i, pair->accepted, SIZE, 0);
	}
}

int main(int argc, char **argv)
{
	struct pair pair;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), 4);
	step("accepted");
	pair = connect_one(listener);
	see_state(listener, pair.accepted);
	see_ways(&pair);
	step("the server closes");
	fence(NEAR);
	see_close(pair.accepted);
	fence(NEAR);
	see_arrival(pair.client, SIZE);

	step("the second");
	pair = connect_one(listener);
	step("the client closes");
	must(close(pair.client));
	see_arrival(pair.accepted, SIZE);
	see_close(pair.accepted);
	return probe_end();
}
