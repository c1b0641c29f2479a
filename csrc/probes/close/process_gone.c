/* SPDX-License-Identifier: Apache-2.0 */
/* The process that has the only descriptor of a socket exits, or is killed, with or without data unread. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	struct hold hold;
	int fd;

	probe_begin(argc, argv);
	hold_role();
	fd = open_flow("near", &flow);
	hold_start(&hold, "fork", fd);
	if (variant_is("unread", "data")) {
		peer_speaks(&flow, 1);
		await_unread(fd, SAID);
	}
	see_close(fd);
	hold_say(&hold, 0);
	peer_takes(&flow, SAID);
	fence(NEAR);
	step("the end");
	hold_end(&hold, variant_is("end", "kill") ? END_KILL : END_EXIT);
	peer_gets(&flow, variant_is("unread", "data") ? RST : FIN);
	fence(NEAR);
	return probe_end();
}
