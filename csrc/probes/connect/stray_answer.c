/* SPDX-License-Identifier: Apache-2.0 */
/* A segment that is no answer to a waiting connect()'s SYN comes, and then the SYN+ACK. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct connector client;
	struct segment stray;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	stray = segment_told();
	stray.ack_ahead = (int32_t)variant_number("ack_ahead");
	flow = peer_listens();
	s = open_socket(NEAR, SOCK_STREAM);
	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);

	step("stray");
	fence(NEAR);
	peer_sends_segment(&flow, &stray);
	fence(FAR);
	see_asleep(&client.sleeper, "connect");
	fence(NEAR);

	step("answer");
	peer_sends(&flow, SYN | ACK);
	sleeper_join(&client.sleeper);
	peer_gets(&flow, ACK);
	see_peer_exchange(&flow, s);
	return probe_end();
}
