/* SPDX-License-Identifier: Apache-2.0 */
/* The peer has forgotten a connection and asks for a new one from the same port. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow again;
	struct flow flow;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, 5);
	s = accept_from_peer(listener, &flow);

	step("syn");
	again = flow;
	again.iss = again.snd_nxt = flow.iss + 0x20000000;
	peer_sends_segment(&again, &(struct segment){.flags = SYN});
	peer_gets(&flow, ACK);

	step("reset");
	fence(NEAR);
	again.snd_nxt = flow.got.ack;
	peer_sends(&again, RST);
	fence(FAR);
	see_receive_now(BY_RECV, s, SAID);
	see_close(s);
	fence(NEAR);

	step("syn again");
	again.snd_nxt = again.iss;
	peer_sends(&again, SYN);
	again.rcv_nxt = again.irs = 0;
	if (peer_gets(&again, SYN | ACK))
		peer_sends(&again, ACK);
	see_accept_soon(listener);
	return probe_end();
}
