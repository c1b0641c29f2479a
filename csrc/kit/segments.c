/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of which each segment, and each byte of room, is looked at. */
#include "internal.h"
#include "peer.h"

#include <fcntl.h>
#include <netinet/tcp.h>

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

int open_steady_flow(struct flow *flow)
{
	int fd = open_steady_socket();

	*flow = peer_listens();
	connect_to_peer(fd, flow);
	return fd;
}

int open_prompt_to_peer(struct flow *flow)
{
	int fd = open_steady_socket();

	connect_to_peer(fd, flow);
	send_at_once(fd);
	return fd;
}

int open_blocked_flow(struct flow *flow)
{
	int fd;

	*flow = peer_listens();
	flow->mss = 100;     /* so that each segment is in the record whole */
	flow->window = 1000; /* so small that little is put into one buffer of the queue */
	fd = open_prompt_to_peer(flow);
	peer_offers(flow, 0);
	settle();
	set_option(fd, SOL_SOCKET, SO_SNDBUF, 1); /* as little as there can be */
	return fd;
}

int accept_with_buffer(int size, struct flow *flow)
{
	int listener = open_bound(NEAR, SOCK_STREAM);
	int fd;

	set_option(listener, SOL_SOCKET, SO_RCVBUF,
		   size); /* for its connections, from the first window on */
	must(listen(listener, 1));
	fd = accept_from_peer(listener, flow);
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}
