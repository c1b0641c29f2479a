/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets as set-up, on either host of the stage, and the marker that fences off what came before. */
#include "internal.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

enum { FDS_KNOWN = 1024, PATIENCE_MS = 5000, OUTCOME_MS = 500 };

static unsigned char far_fds[FDS_KNOWN];

void side_of_fd_set(int fd, enum place side)
{
	if (fd >= 0 && fd < FDS_KNOWN)
		far_fds[fd] = side == FAR;
}

enum place side_of_fd(int fd)
{
	return fd >= 0 && fd < FDS_KNOWN && far_fds[fd] ? FAR : NEAR;
}

/* --- the far host: another network namespace, which a thread may visit ------------------------ */

static void enter(const char *variable)
{
	const char *fd = getenv(variable);

	if (!fd)
		return;
	capabilities_back();
	must(setns((int)strtol(fd, NULL, 10), CLONE_NEWNET));
	capabilities_aside();
}

void go_far(void)
{
	enter("SOCKSPEC_FAR");
}

void come_back(void)
{
	enter("SOCKSPEC_NEAR");
}

/* --- sockets ----------------------------------------------------------------------------------- */

int open_socket_in(int family, enum place side, int type, int protocol)
{
	int fd;

	if (side == FAR && on_wire())
		fault("the scripted peer has no sockets");
	if (side == FAR)
		go_far();
	fd = must(socket(family, type, protocol));
	if (side == FAR)
		come_back();
	side_of_fd_set(fd, side);
	return fd;
}

int open_socket(enum place side, int type)
{
	return open_socket_in(family(), side, type, 0);
}

/* AF_UNIX has no ephemeral path names: a counter serves. */
static uint16_t next_unix_name;

int open_bound(enum place side, int type)
{
	int fd = open_socket(side, type);
	struct name name = name_of(side, family() == AF_UNIX ? ++next_unix_name : 0);

	must(bind(fd, &name.any, name.length));
	return fd;
}

int open_listener_of(enum place side, int type, int backlog)
{
	int fd = open_bound(side, type);

	must(listen(fd, backlog));
	return fd;
}

int open_listener(enum place side, int backlog)
{
	return open_listener_of(side, SOCK_STREAM, backlog);
}

struct name refusing_name(enum place side, int type)
{
	int fd = open_bound(side, type);
	struct name name = name_of_socket(fd);

	/* A datagram socket that is connected, here to itself, takes nothing from others; so its port
	 * refuses, and is given to nobody else.  AF_UNIX has another error for that. */
	if (type != SOCK_STREAM && family() == AF_UNIX)
		close(fd);
	else if (type != SOCK_STREAM)
		must(connect(fd, &name.any, name.length));
	return name;
}

struct link open_stream_link(void)
{
	struct link link = {.listener = open_listener(FAR, 8)};
	struct name name = name_of_socket(link.listener);

	link.near = open_socket(NEAR, SOCK_STREAM);
	must(connect(link.near, &name.any, name.length));
	link.far = must(accept(link.listener, NULL, NULL));
	side_of_fd_set(link.far, FAR);
	return link;
}

struct link open_datagram_link(void)
{
	struct link link = {
		.near = open_bound(NEAR, SOCK_DGRAM),
		.far = open_bound(FAR, SOCK_DGRAM),
		.listener = -1,
	};
	struct name near = name_of_socket(link.near);
	struct name far = name_of_socket(link.far);

	must(connect(link.near, &far.any, far.length));
	must(connect(link.far, &near.any, near.length));
	return link;
}

/* Only AF_UNIX has SOCK_SEQPACKET without a protocol that has to be there. */
static struct link open_seqpacket_link(void)
{
	struct link link = {.listener = open_bound(FAR, SOCK_SEQPACKET)};
	struct name name = name_of_socket(link.listener);

	must(listen(link.listener, 8));
	link.near = open_socket(NEAR, SOCK_SEQPACKET);
	must(connect(link.near, &name.any, name.length));
	link.far = must(accept(link.listener, NULL, NULL));
	side_of_fd_set(link.far, FAR);
	return link;
}

struct link open_link(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return open_stream_link();
	case SOCK_DGRAM:
		return open_datagram_link();
	case SOCK_SEQPACKET:
		return open_seqpacket_link();
	default:
		fault("no link of type %d", type);
	}
}

int open_refused(void)
{
	struct name refusing = refusing_name(FAR, type());
	int fd = open_socket(NEAR, type());

	see_connect(fd, &refusing);
	return fd;
}

int open_disconnected(void)
{
	struct link link = open_link(type());

	see_disconnect(link.near);
	return link.near;
}

/* --- waiting, bounded: for set-up only ----------------------------------------------------------- */

void await_poll(int fd, short events)
{
	struct pollfd poller = {.fd = fd, .events = events};

	if (must(poll(&poller, 1, PATIENCE_MS)) == 0)
		fault("descriptor %d: none of the events 0x%x came", fd, (unsigned)events);
}

void await_unread(int fd, size_t bytes)
{
	int64_t end = now_ns() + (int64_t)PATIENCE_MS * 1000000;
	int unread = 0;

	while (now_ns() < end) {
		must(ioctl(fd, FIONREAD, &unread));
		if ((size_t)unread >= bytes)
			return;
		sched_yield();
	}
	fault("descriptor %d: %d of %zu bytes came", fd, unread, bytes);
}

/* Whether the peer's host has taken all that was sent, be it that it threw it away. */
static bool is_acknowledged(int fd)
{
	struct name name = name_of_socket(fd);
	socklen_t length = sizeof(int);
	int not_acknowledged = 0;
	int type = 0;

	must(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length));
	if (name.any.sa_family == AF_UNIX || type != SOCK_STREAM)
		return false; /* only TCP acknowledges */
	must(ioctl(fd, TIOCOUTQ, &not_acknowledged));
	return !not_acknowledged;
}

void await_outcome(int from, int to, size_t bytes)
{
	int64_t end = now_ns() + (int64_t)OUTCOME_MS * 1000000;
	struct pollfd sender = {.fd = from}; /* POLLERR and POLLHUP come unasked */
	int unread = 0;

	while (now_ns() < end) {
		bool taken = is_acknowledged(from);

		must(ioctl(to, FIONREAD, &unread));
		if ((size_t)unread >= bytes || taken || must(poll(&sender, 1, 0)) > 0)
			return;
		sched_yield();
	}
}

/* --- options ------------------------------------------------------------------------------------- */

void set_option(int fd, int level, int option, int value)
{
	must(setsockopt(fd, level, option, &value, sizeof value));
}

void need_option(int fd, int level, const char *name, int option, int value)
{
	if (!setsockopt(fd, level, option, &value, sizeof value))
		return;
	if (errno == ENOPROTOOPT || errno == EINVAL || errno == EOPNOTSUPP)
		unsupported(name, errno);
	fault_at(name, errno, __FILE__, __LINE__);
}

/* --- losing datagrams on purpose ----------------------------------------------------------------- */

void filter_attach(int fd, const struct sock_filter *code, size_t count)
{
	struct sock_fprog program = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)(uintptr_t)code, /* the kernel copies it */
	};
	int result;

	/* Linux wants CAP_NET_ADMIN for the filter of a TCP socket since commit 5d39580f68e6. */
	capabilities_back();
	result = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
	if (result)
		unavailable("socket filters, which lose packets on purpose", errno);
	capabilities_aside();
}

void lose_all(int fd)
{
	/* socket(7), SO_ATTACH_FILTER: a filter that lets 0 bytes through drops the packet. */
	static const struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);

	filter_attach(fd, &drop, 1);
}

void lose_nothing(int fd)
{
	int unused = 0;

	must(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused));
}

int64_t lost_at(int fd)
{
	uint32_t counts[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof counts;

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, counts, &length))
		return -1;
	return counts[SK_MEMINFO_DROPS];
}

void await_lost(int fd, unsigned count)
{
	int64_t end = now_ns() + (int64_t)PATIENCE_MS * 1000000;

	while (now_ns() < end) {
		int64_t lost = lost_at(fd);

		if (lost < 0)
			unavailable("SO_MEMINFO, which counts what a socket lost", errno);
		if (lost >= count)
			return;
		sched_yield();
	}
	fault("descriptor %d: %d of %u packets were lost", fd, (int)lost_at(fd), count);
}

void await_taken(int from, int to)
{
	int64_t end = now_ns() + (int64_t)PATIENCE_MS * 1000000;
	int unread = 0;
	int unsent = 0;

	while (now_ns() < end) {
		/* Acknowledged first, then read: what is in neither queue was taken. */
		must(ioctl(from, TIOCOUTQ, &unsent));
		must(ioctl(to, FIONREAD, &unread));
		if (!unsent && !unread)
			return;
		sched_yield();
	}
	fault("descriptor %d: %d bytes not acknowledged, %d not read", to, unsent, unread);
}

void await_acknowledged(int fd)
{
#ifdef SIOCOUTQ
	int64_t end = now_ns() + (int64_t)PATIENCE_MS * 1000000;
	int left = 0;

	while (!ioctl(fd, SIOCOUTQ, &left) && left) {
		if (now_ns() > end)
			fault("descriptor %d: %d bytes were not acknowledged", fd, left);
		sched_yield();
	}
#else
	(void)fd;
#endif
}

int lowest_free_fd(void)
{
	int fd = 0;

	while (fcntl(fd, F_GETFD) != -1)
		fd++;
	return fd;
}

void note_open_fds(void)
{
	char text[4 * KIT_FDS] = "";
	size_t used = 0;

	for (int fd = 0; fd < KIT_FDS; fd++) {
		if (fcntl(fd, F_GETFD) == -1)
			continue;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", used ? "," : "",
					 fd);
	}
	note_text("open", text);
}

void send_all(int fd, const void *data, size_t size)
{
	const char *bytes = data;

	while (size) {
		ssize_t sent = must(send(fd, bytes, size, MSG_NOSIGNAL));

		bytes += sent;
		size -= (size_t)sent;
	}
}

void send_at_once(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void pattern_fill(void *buffer, size_t size, size_t offset, unsigned seed)
{
	unsigned char *bytes = buffer;

	for (size_t i = 0; i < size; i++) {
		size_t at = offset + i;

		bytes[i] = (unsigned char)((size_t)31 * seed + 7 * at + 13 * (at / 256));
	}
}

/* --- the fence ----------------------------------------------------------------------------------- */

struct marker {
	int from;
	int to;
};

/* Datagram sockets of the kit's own, with numbers out of the probe's way. */
static int out_of_the_way(int fd)
{
	int high = must(fcntl(fd, F_DUPFD_CLOEXEC, 700));

	close(fd);
	side_of_fd_set(high, NEAR);
	return high;
}

static struct marker marker_open(int family, enum place from)
{
	enum place other = from == NEAR ? FAR : NEAR;
	struct name name = name_in(family, other, 0);
	struct marker marker;

	marker.to = out_of_the_way(open_socket_in(family, other, SOCK_DGRAM, 0));
	must(bind(marker.to, &name.any, name.length));
	name = name_of_socket(marker.to);
	marker.from = out_of_the_way(open_socket_in(family, from, SOCK_DGRAM, 0));
	must(connect(marker.from, &name.any, name.length));
	return marker;
}

void fence(enum place from)
{
	static struct marker markers[2];
	static bool open[2];
	static int count;
	const char *family_word = variant_or("family", "inet");
	int family = strcmp(family_word, "inet6") ? AF_INET : AF_INET6;
	struct event event;
	char text[32];

	if (!witnessed())
		return;
	if (!open[from] && !on_wire())
		markers[from] = marker_open(family, from);
	open[from] = true;
	snprintf(text, sizeof text, "sockspec fence %d", ++count);
	event_begin(&event, "fence");
	event_number(&event, "n", count);
	event_number(&event, "t", now_ns());
	if (on_wire())
		peer_fence(from, text);
	else
		must(send(markers[from].from, text, strlen(text), 0));
	event_end(&event);
}
