/* SPDX-License-Identifier: Apache-2.0 */
/* A RST with another sequence number than the one expected next, in a state of the connection. */
#include "peer.h"

static int32_t distance(void)
{
	if (variant_is("at", "next"))
		return 0;
	if (variant_is("at", "inside"))
		return 100;
	if (variant_is("at", "left"))
		return -1000;
	return 1000000; /* beyond any window without a scale */
}

int main(int argc, char **argv)
{
	struct segment reset = {.flags = RST};
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	fd = open_flow("near", &flow);
	bring_to(variant("state"), fd, &flow);
	peer_is_acknowledged(&flow);
	reset.seq_ahead = distance();
	fence(NEAR);
	step("reset");
	peer_sends_segment(&flow, &reset);
	settle();
	see_tcp_state(fd);
	see_so_error(fd);
	return probe_end();
}
