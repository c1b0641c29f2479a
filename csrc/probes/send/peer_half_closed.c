/* SPDX-License-Identifier: Apache-2.0 */
/* The peer has closed its direction; the near end goes on sending, and closes later. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	peer_sends(&flow, FIN | ACK);
	peer_is_acknowledged(&flow);
	fence(NEAR);
	step("the peer closed");
	see_receive_now(BY_RECV, fd, SAID);
	see_speak(fd, 0);
	peer_takes(&flow, SAID);
	see_speak(fd, 1);
	peer_takes(&flow, SAID);
	fence(NEAR);
	step("close");
	see_close(fd);
	peer_gets(&flow, FIN);
	peer_sends(&flow, ACK);
	settle();
	step("FIN again");
	peer_sends_fin_again(&flow);
	return probe_end();
}
