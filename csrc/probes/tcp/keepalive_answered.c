/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's keep-alive probes, without data and with one byte. */
#include "peer.h"

static void ask(const char *name, const struct flow *flow, int fd, size_t size)
{
	struct segment probe = {.flags = ACK, .seq_ahead = -1, .data = "?", .size = size};

	step("%s", name);
	fence(NEAR);
	peer_sends_segment(flow, &probe);
	settle();
	see_receive_now(BY_RECV, fd, SAID);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	fd = open_flow("near", &flow);
	peer_sends_data(&flow, "hello", 5);
	peer_is_acknowledged(&flow);
	see_receive_soon(BY_RECV, fd, SAID);
	ask("no data", &flow, fd, 0);
	ask("one byte", &flow, fd, 1);
	step("alive");
	see_peer_exchange(&flow, fd);
	return probe_end();
}
