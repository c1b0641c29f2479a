/* SPDX-License-Identifier: Apache-2.0 */
/* connect() on a socket with TCP_FASTOPEN_CONNECT, without a cookie and with one. */
#include "peer.h"

#include <netinet/tcp.h>

static const unsigned char cookie[] = {0xc0, 0x0c, 0x1e, 1, 2, 3, 4, 5};

static int open_deferring(int type)
{
	int fd = open_socket(NEAR, type);

#ifdef TCP_FASTOPEN_CONNECT
	need_option(fd, IPPROTO_TCP, "TCP_FASTOPEN_CONNECT", TCP_FASTOPEN_CONNECT, 1);
#else
	unsupported("TCP_FASTOPEN_CONNECT", 0);
#endif
	return fd;
}

int main(int argc, char **argv)
{
	struct flow flow;
	struct flow fast;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_fastopen", 1);

	step("no cookie");
	flow = peer_listens();
	add_fast_open(&flow, cookie, sizeof cookie);
	fd = open_deferring(SOCK_STREAM | SOCK_NONBLOCK);
	see_connect(fd, &flow.far);
	peer_gets(&flow, SYN);
	note_flow("no cookie", &flow);
	peer_sends(&flow, SYN | ACK);
	peer_gets(&flow, ACK);

	step("cookie");
	fast = peer_listens();
	fd = open_deferring(SOCK_STREAM | SOCK_NONBLOCK);
	fence(NEAR);
	see_connect(fd, &fast.far);
	fence(NEAR);

	step("write");
	see_speak(fd, 0);
	peer_gets(&fast, SYN);
	note_flow("cookie", &fast);
	peer_sends(&fast, SYN | ACK);
	if (fast.rcv_nxt - fast.irs <= SAID)
		peer_gets_data(&fast, SAID);
	peer_sends_data(&fast, "hello", 5);
	see_receive_soon(BY_RECV, fd, SAID);
	return probe_end();
}
