/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking connect() again and again, the SYN+ACK held back, each beside a datagram that ends a blocking recv(). */
#include "peer.h"

enum { MARK = 1 };

static void connect_once(void)
{
	struct connector client;
	struct flow flow = peer_listens();
	int s = open_socket(NEAR, SOCK_STREAM);

	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);
	see_asleep(&client.sleeper, "connect");
	peer_sends(&flow, SYN | ACK);
	sleeper_join(&client.sleeper);
	peer_gets(&flow, ACK);
	peer_sends_segment(&flow, &(struct segment){.flags = RST}); /* nothing is left to be said */
	close(s);
}

/* How long the machine takes to wake a thread up for a packet. */
static void receive_once(void)
{
	struct receiver receiver;
	struct flow flow;
	int s = open_datagrams(&flow, true);

	receiver_start(&receiver, "receiver", BY_RECV, s, MARK, 0);
	see_receiver_asleep(&receiver);
	peer_sends_datagram(&flow, "x", MARK);
	sleeper_join(&receiver.sleeper);
	close(s);
}

int main(int argc, char **argv)
{
	long times;

	probe_begin(argc, argv);
	times = variant_number("times");
	for (long i = 0; i < times; i++) {
		connect_once();
		receive_once();
	}
	return probe_end();
}
