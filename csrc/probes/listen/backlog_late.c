/* SPDX-License-Identifier: Apache-2.0 */
/* A client whose connect() has returned, and whose handshake ends only when the server's queue is full. */
#include "kit.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>

enum { BACKLOG = 2, MOST = 24 };

static struct name name;
static int listener;

/* Clients come one after the other until the server drops the SYN of one. */
static void fill_queue(void)
{
	for (int i = 0; i < MOST; i++) {
		int client = open_socket(FAR, SOCK_STREAM | SOCK_NONBLOCK);
		int64_t lost = lost_at(listener);

		if (connect(client, &name.any, name.length) && errno != EINPROGRESS)
			fault_at("connect()", errno, __FILE__, __LINE__);
		if (!await_answer(client, listener, lost)) {
			must(close(client));
			return;
		}
		send_all(client, "x", 1);
		await_acknowledged(client);
	}
	fault("the queue takes more than %d", MOST);
}

static int see_accepted(void)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	return see_accept(listener, &peer);
}

int main(int argc, char **argv)
{
	struct name own = name_filled(0, sizeof own.storage);
	int at_once = 1;
	int64_t lost;
	int client;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, BACKLOG);
	name = name_of_socket(listener);
	must(fcntl(listener, F_SETFL, O_NONBLOCK));

	step("connected");
	client = open_socket(FAR, SOCK_STREAM);
	must(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once));
	lose_acks(listener);
	see_connect(client, &name);
	see_getsockname(client, &own);
	see_accepted();
	lose_nothing(listener);
	fill_queue();

	step("full");
	lost = lost_at(listener);
	see_speak(client, 1);
	await_lost(listener, (unsigned)lost + 1);
	see_poll(client, POLLOUT, 0);
	step("accepted");
	while (see_accepted() >= 0)
		;

	step("places are free");
	see_speak(client, 2);
	await_poll(listener, POLLIN);
	see_accepted();
	return probe_end();
}
