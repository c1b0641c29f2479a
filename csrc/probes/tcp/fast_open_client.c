/* SPDX-License-Identifier: Apache-2.0 */
/* sendto() with MSG_FASTOPEN: a cookie is asked for, and then SYNs have data, which the peer takes or not. */
#include "peer.h"

enum { TAKEN = 10 };

static const unsigned char cookie[] = {0xc0, 0x0c, 0x1e, 1, 2, 3, 4, 5};
static const unsigned char new_cookie[] = {0xc0, 0x0c, 0x1e, 6, 7, 8, 9, 10};
static unsigned char data[SAID];

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0
#endif

struct opener {
	struct sleeper sleeper;
	int fd;
	struct name to;
};

static void send_once(void *argument)
{
	const struct opener *opener = argument;

	see_send(BY_SENDTO, opener->fd, data, sizeof data, MSG_FASTOPEN, &opener->to);
}

static void begin(const char *name, struct flow *flow, const void *given, size_t size)
{
	step("%s", name);
	*flow = peer_listens();
	if (size)
		add_fast_open(flow, given, size);
}

/* The first time: a blocking call, which has to wait for its handshake. */
static void ask(const void *given, size_t size)
{
	struct opener opener;
	struct flow flow;

	begin("ask", &flow, given, size);
	opener.fd = open_socket(NEAR, SOCK_STREAM);
	opener.to = flow.far;
	sleeper_start(&opener.sleeper, "client", send_once, &opener);
	peer_gets(&flow, SYN);
	see_asleep(&opener.sleeper, "sendto");
	note_flow("ask", &flow);
	flow.rcv_nxt = flow.irs + 1;
	peer_sends(&flow, SYN | ACK);
	sleeper_join(&opener.sleeper);
	peer_takes(&flow, sizeof data);
}

/* A call with a cookie; the peer acknowledges the SYN and so many bytes of its data. */
static void open_fast(const char *name, size_t taken, const void *given, size_t size)
{
	struct flow flow;
	int fd;

	begin(name, &flow, given, size);
	fd = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	fence(NEAR);
	see_send(BY_SENDTO, fd, data, sizeof data, MSG_FASTOPEN, &flow.far);
	peer_gets(&flow, SYN);
	note_flow(name, &flow);
	fence(NEAR);
	if (flow.rcv_nxt - flow.irs > 1 + taken)
		flow.rcv_nxt = flow.irs + 1 + (uint32_t)taken;
	peer_sends(&flow, SYN | ACK);
	if (taken == sizeof data)
		peer_gets(&flow, ACK);
	else
		peer_takes(&flow, sizeof data - taken);
	peer_sends_data(&flow, "hello", 5);
	see_receive_soon(BY_RECV, fd, SAID);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	if (!MSG_FASTOPEN)
		unsupported("MSG_FASTOPEN", 0);
	pattern_fill(data, sizeof data, 0, 0);
	set_sysctl("ipv4/tcp_fastopen", 1);
	if (variant_is("cookie", "none")) {
		ask(NULL, 0);
		return probe_end();
	}
	ask(cookie, sizeof cookie);
	open_fast("all taken", sizeof data, new_cookie, sizeof new_cookie);
	open_fast("none taken", 0, NULL, 0);
	open_fast("some taken", TAKEN, NULL, 0);
	return probe_end();
}
