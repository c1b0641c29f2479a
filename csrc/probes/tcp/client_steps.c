/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), connect(), write() and close(), in this order and no others, towards the scripted peer. */
#include "peer.h"

enum { MOST = 8000, SHORT = 100 };

struct client {
	struct name server;
	unsigned char data[MOST];
	size_t size;
};

static void call_server(void *argument)
{
	const struct client *client = argument;
	int s = see_socket(family(), SOCK_STREAM, 0);

	see_connect(s, &client->server);
	see_send(BY_WRITE, s, client->data, client->size, 0, NULL);
	see_close(s);
}

int main(int argc, char **argv)
{
	static struct client client;
	struct sleeper sleeper;
	struct flow flow;

	probe_begin(argc, argv);
	client.size = (size_t)variant_number("size");
	if (client.size > MOST)
		fault("%zu bytes are too many", client.size);
	pattern_fill(client.data, client.size, 0, 0);
	flow = peer_listens();
	flow.mss = SHORT; /* so that each segment is in the record whole */
	client.server = flow.far;

	sleeper_start(&sleeper, "client", call_server, &client);
	peer_gets(&flow, SYN);
	peer_sends(&flow, SYN | ACK);
	peer_takes(&flow, client.size + 1); /* the FIN, too, takes a number */
	peer_sends(&flow, FIN | ACK);
	peer_is_acknowledged(&flow);
	sleeper_end(&sleeper);
	fence(NEAR);
	return probe_end();
}
