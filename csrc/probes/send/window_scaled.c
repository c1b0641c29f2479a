/* SPDX-License-Identifier: Apache-2.0 */
/* A peer whose windows are scaled: that of its SYN, and those that follow. */
#include "peer.h"

enum { SEGMENT = 100, SIZE = 3000, SYN_WINDOW = 300, WINDOW = 4 };

int main(int argc, char **argv)
{
	static const unsigned char scale[] = {1, 3, 3, 7}; /* windows of 128 bytes */
	static unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.mss = SEGMENT;
	flow.window = SYN_WINDOW;
	add_syn_option(&flow, scale, sizeof scale);
	fd = open_prompt_to_peer(&flow);
	step("of the SYN");
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	peer_gets_data(&flow, SYN_WINDOW);
	settle();
	step("after it");
	peer_offers(&flow, WINDOW);
	settle();
	step("opened");
	peer_offers(&flow, 1000);
	peer_takes(&flow, SIZE - SYN_WINDOW);
	return probe_end();
}
