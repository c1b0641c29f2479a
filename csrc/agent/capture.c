/* SPDX-License-Identifier: Apache-2.0 */
/* The witness: every packet that crosses an interface of the near host, stamped by the kernel.
 *
 * packet(7): a socket made with protocol 0 receives nothing until it is bound, and binding it then
 * is quick; one made with ETH_P_ALL has to be unhooked first, which waits for other processors. */
#include "agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	SNAP = 256,		 /* bytes kept of a packet: all headers, and some data */
	PACKETS_MAX = 20000,	 /* of one job */
	BUFFER_BYTES = 16 << 20, /* the kernel's, while the keeper is busy */
};

static bool stamp(int fd)
{
	int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

	return !setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

int capture_socket(int index)
{
	struct sockaddr_ll link = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
	int size = BUFFER_BYTES;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (stamp(fd) && !bind(fd, (struct sockaddr *)&link, sizeof link))
		return fd;
	close(fd);
	return -1;
}

/* Where a relay shows its host; back in the near host's namespace when it returns. */
static int outer_socket(const struct stage *stage)
{
	int fd = -1;

	if (!setns(stage->outer_net, CLONE_NEWNET))
		fd = capture_socket(stage->outer.index);
	if (!setns(stage->near_fd, CLONE_NEWNET) || fd < 0)
		return fd;
	close(fd);
	return -1;
}

static bool open_stamps(struct capture *capture)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return false;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	capture->stamps = ends[0];
	capture->stamps_in = ends[1];
	return true;
}

bool capture_open(struct capture *capture, int64_t t0, const struct stage *stage)
{
	*capture = (struct capture){.fd = -1, .t0 = t0, .stamps = -1, .stamps_in = -1};
	if (stage->outer_net < 0)
		capture->fd = capture_socket(0);
	else if (open_stamps(capture))
		capture->fd = outer_socket(stage);
	return capture->fd >= 0;
}

/* The kernel's own stamp: 0 where there is none, never the time of reading. */
static int64_t stamp_of(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct scm_timestamping stamps;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING)
			continue;
		memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
		return (int64_t)stamps.ts[0].tv_sec * 1000000000 + stamps.ts[0].tv_nsec;
	}
	return 0;
}

static bool is_ip(const struct sockaddr_ll *from)
{
	return from->sll_protocol == htons(ETH_P_IP) || from->sll_protocol == htons(ETH_P_IPV6);
}

/* Loopback shows each packet twice, on its way out and in: the first is when it was sent. */
static bool is_echo(const struct sockaddr_ll *from)
{
	return from->sll_hatype == ARPHRD_LOOPBACK && from->sll_pkttype != PACKET_OUTGOING;
}

static void add_packet(struct capture *capture, const struct sockaddr_ll *from, int64_t t,
		       const unsigned char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	size_t kept = length < SNAP ? length : SNAP;
	char device[IF_NAMESIZE] = "?";

	if (capture->stamps >= 0)
		snprintf(device, sizeof device, "near");
	else
		if_indextoname((unsigned)from->sll_ifindex, device);
	if (capture->count++)
		text_byte(&capture->packets, ',');
	text_format(&capture->packets, "{\"t\":%lld,\"dir\":\"%s\",\"dev\":", (long long)t,
		    from->sll_pkttype == PACKET_OUTGOING ? "out" : "in");
	text_string(&capture->packets, device);
	text_format(&capture->packets, ",\"len\":%zu,\"bytes\":\"", length);
	for (size_t i = 0; i < kept; i++) {
		text_byte(&capture->packets, digits[bytes[i] >> 4]);
		text_byte(&capture->packets, digits[bytes[i] & 15]);
	}
	text_add(&capture->packets, "\"}", 2);
}

/* A relay shows its host's packets later than they were sent, and tells of each when that was; 0 is now. */
static int64_t told_stamp(const struct capture *capture, int64_t now)
{
	int64_t told;

	if (!now || capture->stamps < 0)
		return now;
	if (read(capture->stamps, &told, sizeof told) != sizeof told)
		return 0;
	return told ? told : now;
}

/* One packet; false: there is none. */
static bool take_packet(struct capture *capture)
{
	unsigned char bytes[SNAP];
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_ll from;
	struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	ssize_t length = recvmsg(capture->fd, &message, MSG_TRUNC | MSG_DONTWAIT);
	int64_t t;

	if (length < 0)
		return errno == EINTR;
	if (!is_ip(&from) || is_echo(&from))
		return true;
	t = told_stamp(capture, stamp_of(&message));
	if (!t || capture->count >= PACKETS_MAX)
		capture->lost++;
	else
		add_packet(capture, &from, t - capture->t0, bytes, (size_t)length);
	return true;
}

void capture_drain(struct capture *capture)
{
	if (capture->fd < 0)
		return;
	for (int i = 0; i < PACKETS_MAX && take_packet(capture); i++)
		;
}

void capture_finish(struct capture *capture)
{
	struct tpacket_stats stats = {.tp_drops = 0};
	socklen_t size = sizeof stats;

	capture_drain(capture);
	if (capture->fd >= 0 &&
	    !getsockopt(capture->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		capture->lost += stats.tp_drops;
}

bool capture_warm_up(void)
{
	static int kept = -1; /* stamps stay on while any socket asks for them */

	kept = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return kept >= 0 && stamp(kept);
}
