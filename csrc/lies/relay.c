/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relay: stands between the near host and the scripted peer, and tells one lie.
 *
 *   sockspec-relay RULE FRAMES T0
 *
 * The keeper gives it all else as descriptors.  TAP has what the near host sends, with the kernel's time
 * stamps; INNER is the other end of its link, for what is sent to it, as IP packets or Ethernet frames
 * (FRAMES: ip, ether).  PEER is a socket whose other end the peer has.  What comes in from the peer, and what
 * goes out to it, crosses a device on the way, where the witness sees it: SEEN_IN and SEEN_OUT send there,
 * and it goes no further.  STAMPS tells the witness of each of these packets when the near host sent it, 0:
 * just now; else a busy machine would make the near host seem late.  Whether the rule is understood stands in
 * READY: nothing, or why not.  The first time that a lie is told, a line in LOG says so, on the clock that
 * began at T0.
 *
 * All is done in one thread, packet by packet, so that what the near host answers at once stands in the
 * record before the peer's next packet, as it does without a relay.
 */
#include "rewrite.h"

#include <time.h> /* before <linux/errqueue.h>, which needs it */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TAP = 3, INNER, PEER, SEEN_IN, SEEN_OUT, STAMPS, READY, LOG };

enum {
	FRAME_MAX = 65535 + ETH_HLEN,
	BATCH = 64,		/* packets of one direction before the other has its turn */
	PATIENCE_MS = 4000,	/* for a full queue */
	PEER_MAC_LAST_BYTE = 4, /* the addresses are those of agent/link.c */
	NEAR_MAC_LAST_BYTE = 1,
};

static struct {
	struct rewrite rewrite;
	struct rewriting rewriting;
	struct sockaddr_ll seen_out;
	struct sockaddr_ll seen_in;
	size_t header; /* bytes in front of an inner packet; 0: the links are TUN devices */
	int64_t t0;
	bool said;
} relay;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "sockspec-relay: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* --- sending ------------------------------------------------------------------------------------- */

static void set_mac(unsigned char *mac, unsigned char last_byte)
{
	memset(mac, 0, ETH_ALEN);
	mac[0] = 0x02;
	mac[ETH_ALEN - 1] = last_byte;
}

static uint16_t ether_type(const unsigned char *packet)
{
	return packet[0] >> 4 == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;
}

static ssize_t send_on_device(int fd, const struct sockaddr_ll *device, const unsigned char *packet,
			      size_t size)
{
	struct sockaddr_ll to = *device;

	to.sll_protocol = htons(ether_type(packet));
	to.sll_halen = ETH_ALEN;
	set_mac(to.sll_addr, PEER_MAC_LAST_BYTE);
	return sendto(fd, packet, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
}

static ssize_t show_in(const unsigned char *packet, size_t size)
{
	if (relay.header)
		return send_on_device(SEEN_IN, &relay.seen_in, packet, size);
	return write(SEEN_IN, packet, size);
}

/* What nobody wants: a TUN device keeps what goes out until it is read, a socket what comes. */
static void discard(int fd)
{
	char first[1];

	while (read(fd, first, sizeof first) > 0)
		;
}

static ssize_t show_out(const unsigned char *packet, size_t size)
{
	ssize_t sent = send_on_device(SEEN_OUT, &relay.seen_out, packet, size);

	if (!relay.header)
		discard(SEEN_IN);
	return sent;
}

/* The stamp comes first, so that it is there when the witness has the packet. */
static void say_stamp(int64_t stamp)
{
	if (write(STAMPS, &stamp, sizeof stamp) != sizeof stamp)
		fail("telling the witness");
}

/* A peer that takes nothing for long loses packets, as at a device. */
static ssize_t send_to_peer(const unsigned char *packet, size_t size)
{
	ssize_t sent = send(PEER, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent < 0 && (errno == EAGAIN || errno == EPIPE) ? 0 : sent;
}

static ssize_t send_in(const unsigned char *packet, size_t size)
{
	static unsigned char frame[FRAME_MAX];
	unsigned char *end = frame + relay.header;

	if (relay.header) {
		uint16_t type = htons(ether_type(packet));

		set_mac(frame, NEAR_MAC_LAST_BYTE);
		set_mac(frame + ETH_ALEN, PEER_MAC_LAST_BYTE);
		memcpy(frame + ETH_ALEN + ETH_ALEN, &type, sizeof type);
	}
	memcpy(end, packet, size);
	return write(INNER, frame, relay.header + size);
}

/* What a link loses, too: a packet that is too long, or none at all, or comes when the link is down. */
static bool is_loss(int error)
{
	return error == EINVAL || error == EMSGSIZE || error == EIO || error == ENETDOWN;
}

static void await_room(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	if (poll(&poller, 1, PATIENCE_MS) != 1)
		fail("the link takes no packet");
}

static void must_send(ssize_t (*how)(const unsigned char *packet, size_t size), int fd,
		      const unsigned char *packet, size_t size)
{
	while (how(packet, size) < 0) {
		if (fd == INNER && is_loss(errno))
			return;
		if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
			fail("sending");
		await_room(fd);
	}
}

/* What the rule itself sends in is the near host's secret: the network has not seen it. */
static void send_packet(enum way way, const unsigned char *packet, size_t size, int64_t stamp)
{
	if (way == WAY_IN) {
		must_send(send_in, INNER, packet, size);
		return;
	}
	say_stamp(stamp);
	must_send(show_out, SEEN_OUT, packet, size);
	must_send(send_to_peer, PEER, packet, size);
}

/* --- lying --------------------------------------------------------------------------------------- */

/* The line is short enough to be written in one piece. */
static void say_told(void)
{
	struct timespec now;
	int64_t t;

	if (relay.said)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	t = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - relay.t0;
	dprintf(LOG, "{\"e\":\"lie\",\"t\":%lld,\"call\":\"wire\"}\n", (long long)t);
	relay.said = true;
}

static void pass(enum way way, const unsigned char *packet, size_t size, int64_t stamp)
{
	if (size > REWRITE_ROOM) {
		send_packet(way, packet, size, stamp);
		return;
	}
	rewrite_packet(&relay.rewrite, way, packet, size, &relay.rewriting);
	if (relay.rewrite.told)
		say_told();
	for (size_t i = 0; i < relay.rewriting.count; i++) {
		const struct rewritten *sent = &relay.rewriting.sent[i];

		send_packet(sent->way, sent->bytes, sent->size, stamp);
	}
}

/* --- taking packets ------------------------------------------------------------------------------ */

static unsigned char taken[FRAME_MAX];

/* When the kernel sent it; 0: it does not say. */
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

static bool is_sent(const struct sockaddr_ll *from)
{
	return from->sll_pkttype == PACKET_OUTGOING &&
	       (from->sll_protocol == htons(ETHERTYPE_IP) ||
		from->sll_protocol == htons(ETHERTYPE_IPV6));
}

/* Both return false where none is there. */
static bool take_from_near(void)
{
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_ll from;
	struct iovec part = {.iov_base = taken, .iov_len = sizeof taken};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	ssize_t got = recvmsg(TAP, &message, MSG_DONTWAIT);

	if (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
		fail("reading from the near host");
	if (got <= 0)
		return false;
	discard(INNER);
	if (is_sent(&from))
		pass(WAY_OUT, taken, (size_t)got, stamp_of(&message));
	return true;
}

/* A TUN device takes nothing but IP. */
static bool is_ip(const unsigned char *packet)
{
	return packet[0] >> 4 == 4 || packet[0] >> 4 == 6;
}

static bool take_from_peer(void)
{
	ssize_t got = recv(PEER, taken, sizeof taken, MSG_DONTWAIT);

	if (got < 0 && errno != EAGAIN && errno != EINTR)
		fail("reading from the peer");
	if (got <= 0)
		return false;
	if (!is_ip(taken))
		return true;
	say_stamp(0);
	must_send(show_in, SEEN_IN, taken, (size_t)got);
	pass(WAY_IN, taken, (size_t)got, 0);
	return true;
}

/* All that the near host sends of itself or in answer, up to a number that keeps no peer waiting. */
static void take_all_from_near(void)
{
	for (int i = 0; i < BATCH && take_from_near(); i++)
		;
}

static int open_end(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until SIGTERM: the probe is gone.  What its end made the near host send still leaves. */
static _Noreturn void relay_packets(int end)
{
	struct pollfd pollers[] = {{.fd = TAP, .events = POLLIN},
				   {.fd = PEER, .events = POLLIN},
				   {.fd = end, .events = POLLIN}};

	do {
		if (poll(pollers, 3, -1) < 0 && errno != EINTR)
			fail("poll()");
		do
			take_all_from_near();
		while (take_from_peer());
	} while (!pollers[2].revents);
	exit(EXIT_SUCCESS);
}

/* --- begin --------------------------------------------------------------------------------------- */

/* Packets of one process keep their order on veth only where it stays on one processor: each has a queue of
 * its own for what comes in there.  What is written to a TUN device comes in at once. */
static void stay(void)
{
	cpu_set_t here;
	int cpu = sched_getcpu();

	if (cpu < 0)
		return;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	sched_setaffinity(0, sizeof here, &here);
}

static void refuse(const char *why)
{
	if (write(READY, why, strlen(why)) < 0)
		fail("saying why");
	exit(EXIT_FAILURE);
}

static bool find_device(int fd, struct sockaddr_ll *device)
{
	socklen_t size = sizeof *device;

	return !getsockname(fd, (struct sockaddr *)device, &size);
}

int main(int argc, char **argv)
{
	char why[256];
	int end = open_end();

	if (argc != 4) {
		fprintf(stderr,
			"sockspec-relay is started by sockspec-agent, see csrc/lies/relay.c\n");
		return 2;
	}
	if (!rewrite_parse(&relay.rewrite, argv[1], why, sizeof why))
		refuse(why);
	relay.header = strcmp(argv[2], "ether") == 0 ? ETH_HLEN : 0;
	relay.t0 = strtoll(argv[3], NULL, 10);
	if (!find_device(SEEN_OUT, &relay.seen_out) ||
	    (relay.header && !find_device(SEEN_IN, &relay.seen_in)))
		refuse("the relay has no device to show its packets on");
	if (relay.header)
		stay();
	setpriority(PRIO_PROCESS, 0,
		    -20); /* where it may: whoever waits for the link waits for it */
	close(READY);
	relay_packets(end);
}
