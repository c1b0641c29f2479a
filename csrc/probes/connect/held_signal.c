/* SPDX-License-Identifier: Apache-2.0 */
/* A signal is caught while connect() waits for the peer, which then answers. */
#include "peer.h"

#include <poll.h>
#include <signal.h>

int main(int argc, char **argv)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	struct connector client;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	flow = peer_listens();
	s = open_socket(NEAR, SOCK_STREAM);
	connector_start(&client, s, &flow.far);
	peer_gets(&flow, SYN);
	see_asleep(&client.sleeper, "connect");

	step("signal");
	fence(NEAR);
	sleeper_signal(&client.sleeper, SIGUSR1);
	sleeper_join(&client.sleeper);
	see_poll(s, POLLOUT, 0);
	fence(NEAR);

	step("answer");
	peer_sends(&flow, SYN | ACK);
	see_connect_end(s);
	peer_gets(&flow, ACK);
	see_getpeername(s, &peer);
	return probe_end();
}
