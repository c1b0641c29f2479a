/* SPDX-License-Identifier: Apache-2.0 */
/* send() on a TCP connection whose data or acknowledgements are lost, and whose peer is gone. */
#include "kit.h"

#include <poll.h>
#include <sys/ioctl.h>

enum { PATIENCE_MS = 2000 };

/* What the send buffer keeps, since the peer's host has not acknowledged it. */
static void note_unacknowledged(int fd)
{
	int left;

	must(ioctl(fd, TIOCOUTQ, &left));
	note_number("unacknowledged", left);
}

static void lose_data(struct link link)
{
	lose_all(link.far);
	step("data lost");
	see_send(BY_SEND, link.near, "hello", 5, 0, NULL);
	await_lost(link.far, 1);
	see_receive_now(BY_RECV, link.far, 64);
	note_unacknowledged(link.near);
}

static void lose_acknowledgements(struct link link)
{
	lose_all(link.near);
	step("acknowledgements lost");
	see_send(BY_SEND, link.near, "hello", 5, 0, NULL);
	await_unread(link.far, 5);
	see_receive_now(BY_RECV, link.far, 64);
	note_unacknowledged(link.near);
}

static void lose_peer(struct link link)
{
	must(see_close(link.far));
	await_poll(link.near, POLLRDHUP);
	step("peer gone");
	see_send(BY_SEND, link.near, "hello", 5, 0, NULL);
	see_poll(link.near, POLLERR, PATIENCE_MS);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	lose_data(open_stream_link());
	lose_acknowledgements(open_stream_link());
	lose_peer(open_stream_link());
	return probe_end();
}
