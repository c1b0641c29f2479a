/* SPDX-License-Identifier: Apache-2.0 */
/* connect() to a silent peer with TCP_SYNCNT of one, up to its end, or a second retransmission. */
#include "peer.h"

#include <netinet/tcp.h>
#include <poll.h>

enum { RETRANSMISSIONS = 1, LOOKS = 24, LOOK_MS = 200 };

static void limit_syns(int fd)
{
#ifdef TCP_SYNCNT
	need_option(fd, IPPROTO_TCP, "TCP_SYNCNT", TCP_SYNCNT, RETRANSMISSIONS);
#else
	(void)fd;
	unsupported("TCP_SYNCNT", 0);
#endif
}

int main(int argc, char **argv)
{
	unsigned again = 0;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	if (!variant_is("linear", "default"))
		set_sysctl("ipv4/tcp_syn_linear_timeouts", variant_number("linear"));
	note_number("most", RETRANSMISSIONS);
	flow = peer_listens();
	fd = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	limit_syns(fd);
	fence(FAR);
	see_connect(fd, &flow.far);
	peer_gets(&flow, SYN);
	waits("the SYN is sent again after 1 s, and given up after 2 s more");
	for (int i = 0; i < LOOKS && again <= RETRANSMISSIONS && !has_ended(fd); i++)
		again += peer_gets_again_soon(&flow, LOOK_MS);
	see_poll(fd, POLLOUT, 0);
	see_so_error(fd);
	fence(NEAR);
	return probe_end();
}
