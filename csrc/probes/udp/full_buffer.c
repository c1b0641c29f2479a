/* SPDX-License-Identifier: Apache-2.0 */
/* More datagrams come than the receive buffer holds, and one more when it was emptied. */
#include "peer.h"

enum { SENT = 40, SIZE = 1000 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, false);
	see_setsockopt(s, SOL_SOCKET, "SO_RCVBUF", SO_RCVBUF, 4096);
	fence(NEAR);
	for (unsigned i = 0; i < SENT; i++) {
		pattern_fill(data, sizeof data, 0, i);
		peer_sends_datagram(&flow, data, sizeof data);
	}
	settle();
	step("read");
	for (unsigned i = 0; i < SENT; i++) {
		if (see_receive_now(BY_RECV, s, SIZE) < 0)
			break;
	}
	step("once more");
	peer_sends_datagram(&flow, "once more", 9);
	fence(FAR);
	see_receive_now(BY_RECV, s, SIZE);
	fence(NEAR);
	return probe_end();
}
