/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_MORE on a TCP socket: what is sent with it, and then without. */
#include "peer.h"

int main(int argc, char **argv)
{
#ifdef MSG_MORE
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	step("with");
	fence(NEAR);
	see_send(writer(), s, "one, ", 5, MSG_MORE, NULL);
	see_send(writer(), s, "two, ", 5, MSG_MORE, NULL);
	fence(NEAR);
	step("without");
	fence(NEAR);
	see_send(writer(), s, "three", 5, 0, NULL);
	fence(NEAR);
	peer_gets_data(&flow, 15);
	peer_sends(&flow, ACK);
	fence(FAR);
	step("the next");
	fence(NEAR);
	see_send(writer(), s, "four", 4, 0, NULL);
	fence(NEAR);
#else
	probe_begin(argc, argv);
	unsupported("MSG_MORE", 0);
#endif
	return probe_end();
}
