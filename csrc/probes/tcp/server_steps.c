/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), bind(), listen(), and for each client accept(), read() and close(), with clients of the peer's. */
#include "peer.h"

enum { BACKLOG = 5, MAXBUF = 4096 };

/* What a client sends, in one segment, and whether it closes before the server does. */
static const struct {
	const char *name;
	size_t size;
	bool closes_first;
} clients[] = {{"client 1", 5, false}, {"client 2", 1000, true}, {"client 3", 0, true}};

enum { CLIENTS = sizeof clients / sizeof *clients };

/* The source's loop, which ends with the last client here. */
static void serve(void *argument)
{
	const int *listener = argument;

	for (unsigned i = 0; i < CLIENTS; i++) {
		struct name peer = name_filled(0, sizeof peer.storage);
		int connected = see_accept(*listener, &peer);

		if (connected < 0)
			return;
		see_receive(BY_READ, connected, MAXBUF, 0);
		see_close(connected);
	}
}

static void be_client(unsigned number, int listener)
{
	unsigned char data[MAXBUF];
	struct flow flow;
	bool joined = peer_joins(&flow, listener);

	note_name(clients[number].name, &flow.far);
	if (!joined)
		return;
	pattern_fill(data, clients[number].size, 0, number);
	if (clients[number].size)
		peer_sends_data(&flow, data, clients[number].size);
	if (clients[number].closes_first)
		peer_sends(&flow, FIN | ACK);
	peer_gets(&flow, FIN);
	peer_sends(&flow, clients[number].closes_first ? ACK : FIN | ACK);
	peer_is_acknowledged(&flow);
}

int main(int argc, char **argv)
{
	struct sleeper server;
	struct name any;
	int s;

	probe_begin(argc, argv);
	any = name_of(WILDCARD, 0);
	fence(NEAR);
	s = see_socket(family(), SOCK_STREAM, 0);
	see_bind(s, &any);
	see_listen(s, BACKLOG);
	fence(NEAR);

	step("clients");
	sleeper_start(&server, "server", serve, &s);
	see_asleep(&server, "accept");
	for (unsigned i = 0; i < CLIENTS; i++)
		be_client(i, s);
	sleeper_end(&server);

	step("end");
	fence(NEAR);
	see_close(s);
	fence(NEAR);
	return probe_end();
}
