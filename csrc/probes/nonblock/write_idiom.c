/* SPDX-License-Identifier: Apache-2.0 */
/* The article's write loop (lines 466-484) on a non-blocking stream, with a peer that is slow or goes away. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

enum { MOST = 49152, PORTION = 4096, LITTLE = 1000, NOBODY_READS = -2 };

static unsigned char data[MOST];
static size_t received;

/* What the other end does while the loop finds no space; false: nothing, so that it would go on forever. */
typedef bool other_end(struct link *link);

static bool read_slowly(struct link *link)
{
	ssize_t got = see_receive_soon(BY_READ, link->far, PORTION);

	received += got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* With unread data: TCP resets the connection. */
static bool break_off(struct link *link)
{
	if (link->far < 0)
		return false;
	see_close(link->far);
	link->far = -1;
	await_poll(link->near, POLLHUP);
	return true;
}

/* The same, but first its own stream ends in order. */
static bool end_and_close(struct link *link)
{
	if (link->far >= 0)
		see_shutdown(link->far, SHUT_WR);
	await_poll(link->near, POLLIN);
	return break_off(link);
}

/* As printed, but that `meanwhile` stands for the time in which the printed loop only turns. */
static int write_all(struct link *link, int nLen, other_end *meanwhile)
{
	int write_pos = 0;
	int nLeft = nLen;

	while (nLeft > 0) {
		int nWrite = 0;
		if ((nWrite = (int)see_send(BY_WRITE, link->near, data + write_pos, (size_t)nLeft,
					    0, NULL)) <= 0) {
			if (errno == EWOULDBLOCK) {
				nWrite = 0;
				if (!meanwhile(link))
					return NOBODY_READS;
			} else {
				return -1; /* writing failed */
			}
		}
		nLeft -= nWrite;
		write_pos += nWrite;
	}
	return nLen;
}

static struct link open_nonblocking_link(void)
{
	struct link link = open_narrow_link(SOCK_STREAM);

	must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	pattern_fill(data, sizeof data, 0, 1);
	return link;
}

static void deliver(const char *name, size_t size)
{
	struct link link = open_nonblocking_link();

	received = 0;
	step("%s", name);
	note_number(name, write_all(&link, (int)size, read_slowly));
	see_drain(BY_READ, link.far, size - received);
	see_receive_now(BY_READ, link.far, 1);
	close_link(&link);
}

static void give_up(const char *name, other_end *meanwhile)
{
	struct link link = open_nonblocking_link();

	note_number(name, write_all(&link, MOST, meanwhile));
}

/* SIGPIPE as a program finds it that never heard of it. */
static void write_without_care(void)
{
	must(signal(SIGPIPE, SIG_DFL) == SIG_ERR ? -1 : 0);
	give_up("SIGPIPE not ignored", end_and_close);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	deliver("all fits", LITTLE);
	deliver("a slow reader", MOST);
	step("the peer breaks off");
	give_up("the peer breaks off", break_off);
	step("the peer ends and closes");
	give_up("the peer ends and closes", end_and_close);
	step("SIGPIPE not ignored");
	note_end_of(write_without_care);
	return probe_end();
}
