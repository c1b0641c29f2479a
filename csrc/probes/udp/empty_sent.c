/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram of no bytes is sent. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, true);
	fence(NEAR);
	see_send(writer(), s, "", 0, 0, NULL);
	fence(NEAR);
	return probe_end();
}
