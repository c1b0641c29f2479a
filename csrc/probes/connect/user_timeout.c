/* SPDX-License-Identifier: Apache-2.0 */
/* connect() to a silent peer with a TCP_USER_TIMEOUT that is over before the SYN is sent again. */
#include "peer.h"

#include <poll.h>

enum { LIMIT_MS = 300, LOOKS = 12, LOOK_MS = 250 };

int main(int argc, char **argv)
{
	unsigned again = 0;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	flow = peer_listens();
	fd = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	limit_silence(fd, LIMIT_MS);
	see_connect(fd, &flow.far);
	peer_gets(&flow, SYN);
	waits("a SYN is sent again after 1 s");
	for (int i = 0; i < LOOKS && again < 2 && !has_ended(fd); i++)
		again += peer_gets_again_soon(&flow, LOOK_MS);
	see_poll(fd, POLLOUT, 0);
	see_so_error(fd);
	fence(NEAR);
	return probe_end();
}
