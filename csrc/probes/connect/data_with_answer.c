/* SPDX-License-Identifier: Apache-2.0 */
/* The SYN+ACK has data with it; what the near host does not acknowledge of them is sent again. */
#include "peer.h"

static const char hello[] = "hello";

enum { SIZE = sizeof hello - 1 };

int main(int argc, char **argv)
{
	struct segment segment = {.flags = SYN | ACK, .data = hello, .size = SIZE};
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = see_connect_begin(&flow);

	step("answer");
	peer_sends_segment(&flow, &segment);
	flow.snd_nxt++;
	see_connect_end(s);
	peer_gets(&flow, ACK);

	step("data");
	if (flow.acked == flow.iss + 1 + SIZE)
		flow.snd_nxt += SIZE;
	else
		peer_sends_data(&flow, hello, SIZE);
	see_receive_soon(BY_RECV, s, SAID);
	see_receive_now(BY_RECV, s, SAID);
	peer_is_acknowledged(&flow);
	return probe_end();
}
