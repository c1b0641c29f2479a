/* SPDX-License-Identifier: Apache-2.0 */
/* A hundred clients connect one after the other, and are accepted later. */
#include "kit.h"

enum { CLIENTS = 100 };

struct queue {
	int listener;
	struct name name;
	int connected; /* so far */
	bool leave;    /* every third client has gone before it is accepted */
};

/* A client tells the server its number.  Once that is acknowledged the connection is complete at the
 * server too, and only then does the next client begin. */
static void connect_one(struct queue *queue)
{
	unsigned char number = (unsigned char)queue->connected++;
	int client = open_socket(FAR, SOCK_STREAM);

	must(connect(client, &queue->name.any, queue->name.length));
	send_all(client, &number, sizeof number);
	if (family() != AF_UNIX)
		await_acknowledged(client);
	if (queue->leave && number % 3 == 1)
		must(close(client));
}

static void accept_one(struct queue *queue)
{
	see_arrival(see_accept(queue->listener, NULL), 1);
}

int main(int argc, char **argv)
{
	struct queue queue = {.connected = 0};

	probe_begin(argc, argv);
	queue.leave = variant_is("clients", "leave");
	queue.listener = open_listener(NEAR, CLIENTS);
	queue.name = name_of_socket(queue.listener);
	if (variant_is("accept", "between")) {
		connect_one(&queue);
		while (queue.connected < CLIENTS) {
			connect_one(&queue);
			accept_one(&queue);
		}
		accept_one(&queue);
		return probe_end();
	}
	while (queue.connected < CLIENTS)
		connect_one(&queue);
	for (int i = 0; i < CLIENTS; i++)
		accept_one(&queue);
	return probe_end();
}
