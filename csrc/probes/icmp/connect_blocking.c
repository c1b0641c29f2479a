/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking connect() whose SYN is answered by an ICMP error, and only then by the peer. */
#include "peer.h"

static void answer(int type, int code)
{
	struct connector client;
	struct flow flow = peer_listens();
	int s = open_socket(NEAR, SOCK_STREAM);

	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);
	see_asleep(&client.sleeper, "connect");
	peer_sends_error(&flow, sender_of_error(), type, code, 0);
	fence(FAR);
	peer_sends(&flow, SYN | ACK);
	sleeper_end(&client.sleeper);
	see_so_error(s);
	must(close(s));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	each_error("errors", answer);
	return probe_end();
}
