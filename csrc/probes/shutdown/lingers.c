/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() with SO_LINGER and a long time, while the peer has not acknowledged the data. */
#include "peer.h"

enum { LINGER_S = 60 };

static void shut_down(void *argument)
{
	const int *fd = argument;

	see_shutdown(*fd, SHUT_WR);
}

int main(int argc, char **argv)
{
	struct sleeper sleeper;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_set_linger(fd, 1, LINGER_S);
	see_speak(fd, 0);
	peer_gets_data(&flow, SAID);
	sleeper_start(&sleeper, "closer", shut_down, &fd);
	see_asleep(&sleeper, "shutdown");
	peer_gets(&flow, FIN);
	fence(NEAR);
	peer_sends(&flow, ACK);
	sleeper_end(&sleeper);
	return probe_end();
}
