/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking connect() whose SYN+ACK the peer holds back, and then sends. */
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
	see_asleep(&client.sleeper, "connect");
	fence(NEAR);
	peer_sends(&flow, SYN | ACK);
	sleeper_join(&client.sleeper);
	peer_gets(&flow, ACK);
	fence(NEAR);
	return probe_end();
}
