/* SPDX-License-Identifier: Apache-2.0 */
/* close() of a socket while another thread waits for data in a receiving call; then data come. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	receiver_start(&receiver, "reader", reader(), fd, SAID, 0);
	see_receiver_asleep(&receiver);
	fence(NEAR);
	see_close(fd);
	fence(NEAR);
	step("data");
	peer_speaks(&flow, 1);
	sleeper_end(&receiver.sleeper);
	peer_gets(&flow, FIN);
	fence(NEAR);
	return probe_end();
}
