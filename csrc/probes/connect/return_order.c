/* SPDX-License-Identifier: Apache-2.0 */
/* connect() with the client's final ACK sent as usual, or held back: what came before it returned. */
#include "kit.h"

#include <netinet/tcp.h>
#include <poll.h>

/* An ACK that is held back goes out by a timer if the process is kept from running for long. */
enum { CONNECTIONS = 5 };

/* TCP_QUICKACK off (tcp(7)) makes an ACK wait for data to go with, or for a timer. */
static void hold_ack_back(int s)
{
#ifdef TCP_QUICKACK
	int off = 0;

	if (setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off))
		unavailable("TCP_QUICKACK, which holds an ACK back", errno);
#else
	(void)s;
	unavailable("TCP_QUICKACK, which holds an ACK back", 0);
#endif
}

static void connect_once(int listener, const struct name *server)
{
	struct name local = name_filled(0, sizeof local.storage);
	int s = open_socket(NEAR, SOCK_STREAM);

	if (variant_is("ack", "held_back"))
		hold_ack_back(s);
	see_connect(s, server);
	see_poll(listener, POLLIN, 0);
	see_getsockname(s, &local);
	send_all(s, "x", 1); /* takes the ACK along */
	await_poll(listener, POLLIN);
	see_accept(listener, NULL);
}

int main(int argc, char **argv)
{
	struct name server;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener(FAR, CONNECTIONS);
	server = name_of_socket(listener);
	for (int i = 1; i <= CONNECTIONS; i++) {
		step("connection %d", i);
		connect_once(listener, &server);
	}
	return probe_end();
}
