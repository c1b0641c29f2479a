/* SPDX-License-Identifier: Apache-2.0 */
/* close() with SO_LINGER of one second, and a peer that never acknowledges the data. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct closer closer;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_set_linger(fd, 1, 1);
	see_speak(fd, 0);
	peer_gets_data(&flow, SAID);
	step("close");
	closer_start(&closer, fd);
	see_asleep(&closer.sleeper, "close");
	waits("a linger time of 1 s is the shortest that lasts");
	sleeper_end(&closer.sleeper);
	fence(NEAR);
	return probe_end();
}
