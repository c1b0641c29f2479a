/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers that are full: small ones, filled to the last byte that they take. */
#include "internal.h"

#include <poll.h>
#include <sys/ioctl.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

enum { FILLS_MAX = 10000, PATIENCE_MS = 5000 };

static void narrow(int fd, const char *name, int option)
{
	int size = NARROW;

	if (setsockopt(fd, SOL_SOCKET, option, &size, sizeof size))
		fault("the socket's %s cannot be set: %s", name, errno_name(errno));
}

struct link open_narrow_link(int type)
{
	struct link link;
	struct name name;

	if (type == SOCK_DGRAM) {
		link = open_datagram_link();
		narrow(link.near, "SO_SNDBUF", SO_SNDBUF);
		narrow(link.far, "SO_RCVBUF", SO_RCVBUF);
		return link;
	}
	/* Before the connection is made: TCP takes back no window that it has offered. */
	link.listener = open_listener_of(FAR, type, 8);
	narrow(link.listener, "SO_RCVBUF", SO_RCVBUF);
	name = name_of_socket(link.listener);
	link.near = open_socket(NEAR, type);
	narrow(link.near, "SO_SNDBUF", SO_SNDBUF);
	must(connect(link.near, &name.any, name.length));
	link.far = must(accept(link.listener, NULL, NULL));
	side_of_fd_set(link.far, FAR);
	return link;
}

void close_link(const struct link *link)
{
	close(link->near);
	close(link->far);
	if (link->listener >= 0)
		close(link->listener);
}

static bool is_tcp(int fd)
{
	struct name name = name_of_socket(fd);
	socklen_t length = sizeof(int);
	int type = 0;

	must(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length));
	return name.any.sa_family != AF_UNIX && type == SOCK_STREAM;
}

/* Whether sent segments are without acknowledgement.  What is unsent is asked for last: it only
 * becomes less, so that two equal numbers are equal at one time. */
static bool in_flight(int fd)
{
#ifdef SIOCOUTQNSD
	int not_acknowledged = 0;
	int unsent = 0;

	must(ioctl(fd, SIOCOUTQ, &not_acknowledged));
	if (ioctl(fd, SIOCOUTQNSD, &unsent))
		unavailable("SIOCOUTQNSD, which tells what TCP has not sent yet", errno);
	return not_acknowledged != unsent;
#else
	(void)fd;
	unavailable("SIOCOUTQNSD, which tells what TCP has not sent yet", ENOTTY);
#endif
}

void await_still(const struct link *link)
{
	int64_t end = now_ns() + (int64_t)PATIENCE_MS * 1000000;
	char byte = 0;

	if (!is_tcp(link->near))
		return; /* what is sent is there, or lost */
	while (in_flight(link->near)) {
		if (now_ns() > end)
			fault("descriptor %d: segments stay without acknowledgement", link->near);
		send_all(link->far, &byte, 1);
		await_poll(link->near, POLLIN);
		must(recv(link->near, &byte, 1, 0));
	}
}

size_t bytes_held(const struct link *link)
{
	int not_acknowledged = 0;
	int unread = 0;

	await_still(link);
	must(ioctl(link->far, FIONREAD, &unread));
	if (is_tcp(link->near))
		must(ioctl(link->near, TIOCOUTQ, &not_acknowledged));
	return (size_t)unread + (size_t)not_acknowledged;
}

/* Sends until nothing more is taken this moment; returns how many bytes are taken now. */
static size_t send_what_fits(int fd, size_t size, size_t taken)
{
	static unsigned char data[65536];

	if (size > sizeof data)
		fault("%zu bytes at a time", size);
	for (int i = 0; i < FILLS_MAX; i++) {
		ssize_t sent;

		pattern_fill(data, size, taken, 0);
		sent = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return taken;
		taken += (size_t)must(sent);
	}
	fault("descriptor %d takes any amount of data", fd);
}

size_t fill_link(const struct link *link, size_t size)
{
	size_t before = 0;
	size_t taken = send_what_fits(link->near, size, 0);

	while (taken > before) {
		await_still(link);
		before = taken;
		taken = send_what_fits(link->near, size, before);
	}
	return taken;
}

size_t see_drain(enum reader by, int fd, size_t bytes)
{
	size_t received = 0;
	ssize_t got = 1;

	while (received < bytes && got > 0) {
		got = see_receive_soon(by, fd, DRAINED);
		received += got > 0 ? (size_t)got : 0;
	}
	return received;
}
