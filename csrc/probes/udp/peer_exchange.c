/* SPDX-License-Identifier: Apache-2.0 */
/* A question to the peer, a datagram from one of its ports that was not asked, and the answer. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow stranger;
	struct flow flow;
	bool connected;
	int s;

	probe_begin(argc, argv);
	connected = variant_is("connected", "yes");
	s = open_datagrams(&flow, connected);
	stranger = peer_datagrams_to(s);
	note_name("peer", &flow.far);
	note_name("stranger", &stranger.far);

	step("question");
	fence(NEAR);
	if (connected)
		see_send(BY_WRITE, s, "question", 8, 0, NULL);
	else
		see_send(BY_SENDTO, s, "question", 8, 0, &flow.far);
	fence(NEAR);

	step("a stranger");
	fence(NEAR);
	peer_sends_datagram(&stranger, "not asked", 9);
	settle();
	see_receive(BY_RECVFROM, s, 64, MSG_DONTWAIT);

	step("answer");
	peer_sends_datagram(&flow, "the answer", 10);
	fence(FAR);
	if (connected)
		see_receive_now(BY_READ, s, 64);
	else
		see_receive(BY_RECVFROM, s, 64, MSG_DONTWAIT);
	fence(NEAR);
	return probe_end();
}
