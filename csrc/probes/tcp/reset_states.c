/* SPDX-License-Identifier: Apache-2.0 */
/* A RST comes in a state of the connection: its state, and what two calls say after it. */
#include "peer.h"

static void see_outcome(int fd)
{
	unsigned char said[SAID];

	if (variant_is("ask", "so_error")) {
		see_so_error(fd);
		return;
	}
	if (variant_is("ask", "recv")) {
		see_receive_now(BY_RECV, fd, SAID);
		return;
	}
	pattern_fill(said, sizeof said, 0, 1);
	see_send(BY_SEND, fd, said, sizeof said, MSG_NOSIGNAL, NULL);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	fd = open_flow("near", &flow);
	bring_to(variant("state"), fd, &flow);
	peer_sends(&flow, RST | ACK);
	fence(FAR);
	step("reset");
	see_tcp_state(fd);
	step("first");
	see_outcome(fd);
	step("second");
	see_outcome(fd);
	step("afterwards");
	peer_sends_fin_again(&flow);
	return probe_end();
}
