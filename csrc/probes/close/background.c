/* SPDX-License-Identifier: Apache-2.0 */
/* close() with data that wait for the peer's window, which opens later. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	flow = peer_listens();
	flow.window = 0;
	fd = open_to_peer(&flow);
	note_name("near", &flow.near);
	see_speak(fd, 0);
	see_speak(fd, 1);
	fence(NEAR);
	see_close(fd);
	fence(NEAR);
	step("the window opens");
	peer_offers(&flow, UINT16_MAX);
	peer_gets(&flow, FIN);
	peer_sends(&flow, FIN | ACK);
	peer_is_acknowledged(&flow);
	fence(NEAR);
	return probe_end();
}
