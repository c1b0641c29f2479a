/* SPDX-License-Identifier: Apache-2.0 */
/* What a client that was never bound is called before, while and after a blocking connect() waits for the peer. */
#include "peer.h"

static void see_name(int s)
{
	struct name local = name_filled(0, sizeof local.storage);

	see_getsockname(s, &local);
}

int main(int argc, char **argv)
{
	struct connector client;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();

	step("unbound");
	fence(NEAR);
	s = see_socket(family(), SOCK_STREAM, 0);
	see_name(s);
	fence(NEAR);

	step("waiting");
	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);
	see_asleep(&client.sleeper, "connect");
	see_name(s);

	step("connected");
	peer_sends(&flow, SYN | ACK);
	sleeper_join(&client.sleeper);
	peer_gets(&flow, ACK);
	see_name(s);
	return probe_end();
}
