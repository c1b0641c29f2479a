/* SPDX-License-Identifier: Apache-2.0 */
/* A listener with TCP_FASTOPEN, and SYNs that ask for a cookie, have it, or have a wrong one. */
#include "peer.h"

#include <fcntl.h>
#include <netinet/tcp.h>

enum { PENDING = 5 };

static unsigned char data[SAID];

static int open_fast_listener(void)
{
	int listener = open_polled_listener(PENDING);

#ifdef TCP_FASTOPEN
	need_option(listener, IPPROTO_TCP, "TCP_FASTOPEN", TCP_FASTOPEN, PENDING);
#else
	unsupported("TCP_FASTOPEN", 0);
#endif
	return listener;
}

/* A SYN that asks for a cookie; its size, which is 0 if none was given. */
static size_t ask(int listener, unsigned char cookie[COOKIE_MAX])
{
	struct flow flow = peer_calls(listener);
	size_t size;

	step("ask");
	note_name("ask", &flow.far);
	add_fast_open(&flow, NULL, 0);
	peer_sends(&flow, SYN);
	peer_gets(&flow, SYN | ACK);
	size = cookie_got(&flow, cookie);
	peer_sends(&flow, RST);
	return size;
}

/* A SYN with data; what comes of it before the handshake is complete, and then. */
static void call(const char *name, int listener, const void *cookie, size_t size)
{
	struct flow flow = peer_calls(listener);
	int fd;

	step("%s", name);
	note_name(name, &flow.far);
	add_fast_open(&flow, cookie, size);
	fence(NEAR);
	peer_sends_syn_data(&flow, data, sizeof data);
	peer_gets(&flow, SYN | ACK);
	fd = see_queue(listener);
	if (fd >= 0) {
		see_receive_now(BY_RECV, fd, SAID);
		see_send(BY_SEND, fd, "early", 5, 0, NULL);
		peer_gets_data(&flow, 5);
	}
	fence(NEAR);

	step("%s, acknowledged", name);
	if (flow.acked == flow.iss + 1) {
		flow.snd_nxt = flow.iss + 1; /* the data again */
		peer_sends_data(&flow, data, sizeof data);
	}
	peer_sends(&flow, ACK);
	if (fd < 0)
		fd = see_accept_soon(listener);
	peer_sends_data(&flow, "hello", 5);
	peer_is_acknowledged(&flow);
	see_receive_soon(BY_RECV, fd, sizeof data + SAID);
}

int main(int argc, char **argv)
{
	unsigned char cookie[COOKIE_MAX] = {0};
	size_t size;
	int listener;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	if (variant_is("server", "on"))
		set_sysctl("ipv4/tcp_fastopen", 3);
	listener = open_fast_listener();
	size = ask(listener, cookie);
	if (!size)
		return probe_end();
	call("right cookie", listener, cookie, size);
	cookie[0] ^= 0xff;
	call("wrong cookie", listener, cookie, size);
	return probe_end();
}
