/* SPDX-License-Identifier: Apache-2.0 */
/* A client that waits in recvfrom() for the answer of a peer that gives none. */
#include "peer.h"

#include <signal.h>

int main(int argc, char **argv)
{
	struct receiver client;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	s = open_datagrams(&flow, false);
	see_send(BY_SENDTO, s, "request", 7, 0, &flow.far);
	receiver_start(&client, "client", BY_RECVFROM, s, 64, 0);
	peer_gets_datagram(&flow);
	step("the peer has it");
	see_receiver_asleep(&client);
	fence(NEAR);
	fence(FAR);
	step("a signal");
	sleeper_signal(&client.sleeper, SIGUSR1);
	sleeper_join(&client.sleeper);
	fence(NEAR);
	return probe_end();
}
