/* SPDX-License-Identifier: Apache-2.0 */
/* Data from the peer come after shutdown(): what the peer is answered, and what a receiving call gets. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	fence(NEAR);
	see_shutdown(fd, shut_how());
	fence(NEAR);
	if (!variant_is("how", "rd"))
		peer_gets(&flow, FIN);
	step("data");
	peer_speaks(&flow, 1);
	peer_gets(&flow, 0);
	fence(NEAR);
	see_receive_now(BY_RECV, fd, SAID);
	return probe_end();
}
