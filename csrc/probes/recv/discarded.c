/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_TRUNC on a TCP socket: bytes that are received and not passed on. */
#include "peer.h"

enum { SIZE = 100, DISCARDED = 40 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	peer_sends_data(&flow, data, sizeof data);
	settle();
	step("discarded");
	see_receive(BY_RECV, fd, DISCARDED, MSG_TRUNC | MSG_DONTWAIT);
	see_unread(fd);
	step("received");
	see_receive(BY_RECV, fd, SIZE, MSG_DONTWAIT);
	return probe_end();
}
