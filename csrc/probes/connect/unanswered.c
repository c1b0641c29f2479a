/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking connect() to which the peer never says anything, with one retransmission allowed. */
#include "peer.h"

#include <netinet/tcp.h>

/* So that the end comes soon after the retransmission (tcp(7)); others take longer. */
static void hurry(int s)
{
#ifdef TCP_SYNCNT
	int once = 1;

	setsockopt(s, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof once);
#endif
#ifdef TCP_USER_TIMEOUT
	unsigned ms = 1100;

	setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
#endif
}

int main(int argc, char **argv)
{
	struct connector client;
	struct flow again;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	again = peer_listens();
	s = open_socket(NEAR, SOCK_STREAM);
	hurry(s);

	step("silence");
	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);
	see_asleep(&client.sleeper, "connect");
	waits("the retransmission of the SYN, and the end of the attempt");
	peer_gets_again(&flow);
	sleeper_join(&client.sleeper);
	fence(NEAR);

	step("again");
	connector_start(&client, s, &again.far);
	if (peer_gets(&again, SYN))
		peer_sends(&again, SYN | ACK);
	sleeper_join(&client.sleeper);
	return probe_end();
}
