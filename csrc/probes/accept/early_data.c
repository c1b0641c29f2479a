/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's first data come with the last step of its handshake, or already with its SYN. */
#include "peer.h"

static const char hello[] = "hello";

enum { SIZE = sizeof hello - 1 };

/* What the near host did not take of the SYN's data is sent again. */
static void send_rest(struct flow *flow)
{
	if (flow->acked == flow->iss + 1 + SIZE) {
		flow->snd_nxt += SIZE;
		peer_sends(flow, ACK);
	} else {
		peer_sends_data(flow, hello, SIZE);
	}
}

int main(int argc, char **argv)
{
	struct segment syn = {.flags = SYN, .data = hello, .size = SIZE};
	struct flow flow;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_polled_listener(5);
	flow = peer_calls(listener);

	step("syn");
	syn.size = variant_is("data_with", "syn") ? SIZE : 0;
	peer_sends_segment(&flow, &syn);
	flow.snd_nxt++;
	peer_gets(&flow, SYN | ACK);
	see_queue(listener);

	step("ack");
	send_rest(&flow);
	fence(FAR);
	s = see_accept(listener, NULL);
	see_receive_now(BY_RECV, s, SAID);
	see_receive_now(BY_RECV, s, SAID);
	peer_is_acknowledged(&flow);
	return probe_end();
}
