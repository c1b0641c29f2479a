/* SPDX-License-Identifier: Apache-2.0 */
/* A connection is closed, the FIN acknowledged, and the peer's FIN comes only when the time for it is over. */
#include "peer.h"

#include <netinet/tcp.h>

enum { LIMIT_S = 1 };

static void limit_wait(int fd)
{
	if (variant_is("by", "sysctl"))
		set_sysctl("ipv4/tcp_fin_timeout", LIMIT_S);
	else
		need_option(fd, IPPROTO_TCP, "TCP_LINGER2", TCP_LINGER2, LIMIT_S);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	limit_wait(fd);
	see_close(fd);
	peer_gets(&flow, FIN);
	peer_sends(&flow, ACK);
	fence(FAR);
	waits("a limit of 1 s is the shortest for the peer's FIN");
	peer_asks_until_reset(&flow);
	fence(NEAR);
	step("FIN");
	peer_sends(&flow, FIN | ACK);
	settle();
	return probe_end();
}
