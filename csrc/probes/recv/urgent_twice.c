/* SPDX-License-Identifier: Apache-2.0 */
/* A second urgent byte comes while the first one has not been read. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	peer_sends_urgent(&flow, "ab1", 3, 3);
	peer_sends_urgent(&flow, "cd2", 3, 3);
	fence(FAR);
	step("out of band");
	see_receive(BY_RECV, s, 16, MSG_OOB | MSG_DONTWAIT);
	step("in line");
	see_receive_now(BY_RECV, s, 64);
	see_sockatmark(s);
	see_receive_now(BY_RECV, s, 64);
	fence(NEAR);
	return probe_end();
}
