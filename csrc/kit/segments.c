/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to the peer for probes that look at each segment. */
#include "internal.h"
#include "peer.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/select.h>

/* µs; no retransmission, and no end of TCP_CORK's patience, falls into a probe then (RFC 6298, 2.4). */
static const long long_rto_us = 5000000;

int open_steady_socket(void)
{
	int fd;

	(void)write_sysctl("ipv4/tcp_rto_min_us", long_rto_us); /* since Linux 6.11 */
	fd = open_socket(NEAR, SOCK_STREAM);
#ifdef TCP_CONGESTION
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
#endif
	return fd;
}

void connect_to_peer(int fd, struct flow *flow)
{
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	if (!connect(fd, &flow->far.any, flow->far.length) || errno != EINPROGRESS)
		fault_at("connect()", errno, __FILE__, __LINE__);
	if (!peer_gets(flow, SYN))
		fault("the near host did not send its SYN");
	peer_sends(flow, SYN | ACK);
	if (!peer_gets(flow, ACK))
		fault("the near host did not send its ACK");
	must(fcntl(fd, F_SETFL, 0));
}

int open_steady(struct flow *flow)
{
	int fd = open_steady_socket();

	*flow = peer_listens();
	connect_to_peer(fd, flow);
	return fd;
}

void set_option(int fd, int level, int option, int value)
{
	must(setsockopt(fd, level, option, &value, sizeof value));
}

void add_syn_option(struct flow *flow, const void *option, size_t size)
{
	if (size > sizeof flow->syn_options - flow->syn_options_size)
		fault("the SYN's options are too long");
	memcpy(flow->syn_options + flow->syn_options_size, option, size);
	flow->syn_options_size += size;
}

int see_select_exceptional(int fd)
{
	struct timeval now = {.tv_sec = 0};
	struct call call;
	fd_set set;
	int result;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	call_begin(&call, "select");
	call_arg_fd(&call, "exceptfds", fd);
	call_enter(&call);
	result = select(fd + 1, NULL, NULL, &set, &now);
	call_left(&call, result);
	call_end(&call);
	return result;
}
