/* SPDX-License-Identifier: Apache-2.0 */
/* Data that is written while the peer's window is closed, and that window opened. */
#include "peer.h"

enum { FIRST = 60, SECOND = 40 };

int main(int argc, char **argv)
{
	unsigned char data[FIRST + SECOND];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.window = 0;
	fd = open_prompt_to_peer(&flow);
	step("closed");
	see_send(writer(), fd, data, FIRST, 0, NULL);
	see_send(writer(), fd, data + FIRST, SECOND, 0, NULL);
	settle();
	step("opened");
	peer_offers(&flow, 1000);
	peer_gets_data(&flow, sizeof data);
	settle();
	return probe_end();
}
