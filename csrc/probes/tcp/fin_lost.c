/* SPDX-License-Identifier: Apache-2.0 */
/* The peer acknowledges the data, and does not acknowledge the FIN behind them. */
#include "peer.h"

/* The data, too, may be sent again if their acknowledgement took long. */
static void await_fin_again(struct flow *flow)
{
	for (int i = 0; i < 8 && peer_gets_again(flow); i++) {
		if (flow->got.flags & FIN)
			return;
	}
}

int main(int argc, char **argv)
{
	struct segment ack = {.flags = ACK, .ack_ahead = -1};
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_speak(fd, 0);
	see_close(fd);
	peer_gets(&flow, FIN);
	peer_sends_segment(&flow, &ack);
	waits("a FIN is sent again after the retransmission time-out, 200 ms and more");
	await_fin_again(&flow);
	fence(NEAR);
	return probe_end();
}
