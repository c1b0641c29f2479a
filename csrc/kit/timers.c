/* SPDX-License-Identifier: Apache-2.0 */
/* Time-outs, keep-alive probes and TCP Fast Open, with the scripted peer. */
#include "internal.h"
#include "peer.h"

#include <netinet/tcp.h>
#include <poll.h>

enum { FAST_OPEN = 34, BETWEEN_MS = 50, LONGEST_MS = 4000 }; /* RFC 7413, 4.1.1 */

void keep_alive(int fd, int idle_s, int interval_s, int count)
{
#if defined TCP_KEEPIDLE && defined TCP_KEEPINTVL && defined TCP_KEEPCNT
	need_option(fd, IPPROTO_TCP, "TCP_KEEPIDLE", TCP_KEEPIDLE, idle_s);
	need_option(fd, IPPROTO_TCP, "TCP_KEEPINTVL", TCP_KEEPINTVL, interval_s);
	need_option(fd, IPPROTO_TCP, "TCP_KEEPCNT", TCP_KEEPCNT, count);
#else
	(void)fd;
	(void)idle_s;
	(void)interval_s;
	(void)count;
	unsupported("TCP_KEEPIDLE", 0);
#endif
}

void limit_silence(int fd, int ms)
{
#ifdef TCP_USER_TIMEOUT
	need_option(fd, IPPROTO_TCP, "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT, ms);
#else
	(void)fd;
	(void)ms;
	unsupported("TCP_USER_TIMEOUT", 0);
#endif
}

void hurry_retransmissions(int ms)
{
	(void)write_sysctl("ipv4/tcp_rto_min_us", ms * 1000L); /* since Linux 6.11 */
}

/* From here to look_end() the peer waits no longer than this, and says nothing of it. */
static int look_begin(int ms)
{
	int usual = peer_patience_ms;

	peer_patience_ms = ms;
	peer_only_looks = true;
	return usual;
}

static void look_end(int usual)
{
	peer_patience_ms = usual;
	peer_only_looks = false;
}

bool peer_gets_soon(struct flow *flow, int flags, int ms)
{
	int usual = look_begin(ms);
	bool came = peer_gets(flow, flags);

	look_end(usual);
	return came;
}

bool peer_gets_again_soon(struct flow *flow, int ms)
{
	int usual = look_begin(ms);
	bool came = peer_gets_again(flow);

	look_end(usual);
	return came;
}

bool peer_asks_until_reset(struct flow *flow)
{
	struct segment old = {.flags = ACK, .seq_ahead = -1};

	for (int64_t end = now_ns() + LONGEST_MS * INT64_C(1000000); now_ns() < end;) {
		peer_sends_segment(flow, &old);
		if (peer_gets_soon(flow, RST, BETWEEN_MS))
			return true;
	}
	return false;
}

void note_flow(const char *what, const struct flow *flow)
{
	note_name(what, &flow->near);
}

void await_end(int fd)
{
	struct pollfd poller = {.fd = fd};

	(void)poll(&poller, 1, LONGEST_MS);
}

bool has_ended(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	return must(poll(&poller, 1, 0)) == 1;
}

/* --- TCP Fast Open -------------------------------------------------------------------------------- */

void add_fast_open(struct flow *flow, const void *cookie, size_t size)
{
	unsigned char option[TCP_OPTIONS_MAX] = {FAST_OPEN, (unsigned char)(2 + size)};

	if (size > sizeof option - 2)
		fault("a cookie of %zu bytes is too long", size);
	if (size)
		memcpy(option + 2, cookie, size);
	add_syn_option(flow, option, 2 + size);
}

size_t cookie_got(const struct flow *flow, unsigned char cookie[COOKIE_MAX])
{
	const unsigned char *options = flow->got.options;
	size_t size = flow->got.options_size;

	for (size_t i = 0; i + 1 < size && options[i];) {
		size_t length = options[i] == 1 ? 1 : options[i + 1];

		if (!length || i + length > size)
			return 0;
		if (options[i] == FAST_OPEN && length >= 2 && length - 2 <= COOKIE_MAX) {
			memcpy(cookie, options + i + 2, length - 2);
			return length - 2;
		}
		i += length;
	}
	return 0;
}
