/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls, one after the other, on a connection that the peer has closed. */
#include "kit.h"

#include <poll.h>

enum { PATIENCE_MS = 2000 };

/* Over TCP the answer to the first is a reset; the next call is made when that is known. */
static void see_three(const char *name, int fd)
{
	static const char *const counts[] = {"first", "second", "third"};

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		step("%s, %s", name, counts[i]);
		if (see_send(writer(), fd, "hello", 5, 0, NULL) > 0)
			see_poll(fd, POLLERR, PATIENCE_MS);
	}
}

static void see_closed(void)
{
	struct link link = open_link(type());

	must(see_close(link.far));
	await_poll(link.near, POLLRDHUP);
	see_three("closed", link.near);
	fence(NEAR);
}

/* A connection that is closed with data unread is broken off: RFC 1122, 4.2.2.13. */
static void see_closed_unread(void)
{
	struct link link = open_link(type());

	send_all(link.near, "unread", 6);
	await_unread(link.far, 6);
	must(see_close(link.far));
	await_poll(link.near, POLLRDHUP);
	see_three("closed, unread", link.near);
}

/* The peer sends no more, and still receives. */
static void see_half_closed(void)
{
	struct link link = open_link(type());

	must(see_shutdown(link.far, SHUT_WR));
	await_poll(link.near, POLLRDHUP);
	step("half closed");
	see_send(writer(), link.near, "hello", 5, 0, NULL);
	see_receive_soon(BY_RECV, link.far, 64);
}

/* The process itself has ended its own direction. */
static void see_shut_down(void)
{
	struct link link = open_link(type());

	must(see_shutdown(link.near, SHUT_WR));
	step("shut down");
	see_send(writer(), link.near, "hello", 5, 0, NULL);
	see_receive_soon(BY_RECV, link.far, 64);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_closed();
	see_closed_unread();
	see_half_closed();
	see_shut_down();
	return probe_end();
}
