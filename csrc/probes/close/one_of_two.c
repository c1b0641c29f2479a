/* SPDX-License-Identifier: Apache-2.0 */
/* One of two references to a socket is closed, data are sent through the other, and that one is closed. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	struct hold hold;
	int fd;

	probe_begin(argc, argv);
	hold_role();
	fd = open_flow("near", &flow);
	hold_start(&hold, variant("by"), fd);
	fence(NEAR);
	step("1 left");
	see_close(fd);
	fence(NEAR);
	hold_say(&hold, 1);
	peer_takes(&flow, SAID);
	fence(NEAR);
	step("0 left");
	hold_end(&hold, END_CLOSE);
	peer_gets(&flow, FIN);
	fence(NEAR);
	return probe_end();
}
