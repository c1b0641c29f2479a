/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram that is sent and is longer than the link's MTU. */
#include "peer.h"

enum { SIZE = 4000 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, true);
	pattern_fill(data, sizeof data, 0, 3);
	fence(NEAR);
	see_send(BY_SEND, s, data, sizeof data, 0, NULL);
	fence(NEAR);
	return probe_end();
}
