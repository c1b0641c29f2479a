/* SPDX-License-Identifier: Apache-2.0 */
/* close() with SO_LINGER and a long time, while the peer has not acknowledged the data. */
#include "peer.h"

#include <fcntl.h>

enum { LINGER_S = 60 };

static void answer(struct flow *flow)
{
	if (variant_is("answer", "ack"))
		peer_sends(flow, ACK);
	else
		peer_sends(flow, RST | ACK);
}

int main(int argc, char **argv)
{
	struct closer closer;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_set_linger(fd, 1, LINGER_S);
	if (variant_is("mode", "nonblocking"))
		must(fcntl(fd, F_SETFL, O_NONBLOCK));
	see_speak(fd, 0);
	peer_gets_data(&flow, SAID);
	step("close");
	closer_start(&closer, fd);
	see_asleep(&closer.sleeper, "close");
	peer_gets(&flow, FIN);
	fence(NEAR);
	step("the peer answers");
	answer(&flow);
	sleeper_end(&closer.sleeper);
	fence(NEAR);
	return probe_end();
}
