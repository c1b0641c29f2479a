/* SPDX-License-Identifier: Apache-2.0 */
/* More unanswered keep-alive probes than TCP_KEEPCNT says, before TCP_USER_TIMEOUT is over. */
#include "peer.h"

enum { IDLE_S = 1, INTERVAL_S = 1, COUNT_MAX = 1, LIMIT_MS = 10000 };

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	keep_alive(fd, IDLE_S, INTERVAL_S, COUNT_MAX);
	limit_silence(fd, LIMIT_MS);
	see_setsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, 1);
	waits("an idle time and an interval of 1 s are the shortest");
	peer_gets_keepalive(&flow);
	peer_gets_soon(&flow, ACK, 1800);
	peer_sends(&flow, ACK);
	fence(FAR);
	see_so_error(fd);
	see_peer_exchange(&flow, fd);
	return probe_end();
}
