/* SPDX-License-Identifier: Apache-2.0 */
/* close() of a socket whose connect() has no answer yet, and the answer that comes then. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	s = see_connect_begin(&flow);

	step("close");
	fence(NEAR);
	see_close(s);
	fence(NEAR);

	step("answer");
	peer_sends(&flow, SYN | ACK);
	peer_gets(&flow, RST);
	settle();
	return probe_end();
}
