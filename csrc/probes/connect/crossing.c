/* SPDX-License-Identifier: Apache-2.0 */
/* The SYN of a waiting connect() and one of the peer's cross, and the peer acknowledges. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct connector client;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = open_socket(NEAR, SOCK_STREAM);
	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);

	step("crossing");
	peer_sends(&flow, SYN);
	peer_gets_again(&flow); /* its SYN, now with an ACK */
	see_asleep(&client.sleeper, "connect");

	step("answer");
	if (variant_is("answer", "syn_ack"))
		peer_sends_segment(&flow, &(struct segment){.flags = SYN | ACK, .seq_ahead = -1});
	else
		peer_sends(&flow, ACK);
	sleeper_join(&client.sleeper);
	see_peer_exchange(&flow, s);
	return probe_end();
}
