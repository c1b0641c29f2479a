/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking accept() while the peer holds back the last step of its handshake, and then makes it. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct acceptor server;
	struct flow flow;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, 5);
	acceptor_start(&server, "server", listener);
	peer_begins(&flow, listener);
	fence(FAR);
	see_asleep(&server.sleeper, "accept");
	fence(NEAR);
	peer_sends(&flow, ACK);
	sleeper_join(&server.sleeper);
	note_name("client", &flow.far);
	return probe_end();
}
