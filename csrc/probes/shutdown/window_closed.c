/* SPDX-License-Identifier: Apache-2.0 */
/* The end of sending, by shutdown() or close(), while data waits behind the peer's closed window. */
#include "peer.h"

enum { SIZE = 150 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.window = 0;
	fd = open_prompt_to_peer(&flow);
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	step("closed");
	if (variant_is("by", "close"))
		see_close(fd);
	else
		see_shutdown(fd, SHUT_WR);
	settle();
	step("opened");
	peer_offers(&flow, 1000);
	peer_gets(&flow, FIN);
	settle();
	return probe_end();
}
