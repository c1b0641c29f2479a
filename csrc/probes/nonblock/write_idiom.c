/* SPDX-License-Identifier: Apache-2.0 */
/* The article's write loop (lines 466-484) on a non-blocking stream, with a peer that is slow or goes away. */
#include "idioms.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

enum { MOST = 49152, PORTION = 4096, LITTLE = 1000 };

static unsigned char data[MOST];
static struct link ends;
static size_t received;

static bool read_slowly(int taken)
{
	ssize_t got = see_receive_soon(BY_READ, ends.far, PORTION);

	(void)taken;
	received += got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* With unread data: TCP resets the connection. */
static bool break_off(int taken)
{
	(void)taken;
	if (ends.far < 0)
		return false;
	see_close(ends.far);
	ends.far = -1;
	await_poll(ends.near, POLLHUP);
	return true;
}

/* The same, but first its own stream ends in order. */
static bool end_and_close(int taken)
{
	if (ends.far >= 0)
		see_shutdown(ends.far, SHUT_WR);
	await_poll(ends.near, POLLIN);
	return break_off(taken);
}

static void open_nonblocking_link(void)
{
	ends = open_narrow_link(SOCK_STREAM);
	must(fcntl(ends.near, F_SETFL, O_RDWR | O_NONBLOCK));
	pattern_fill(data, sizeof data, 0, 1);
}

static void deliver(const char *name, size_t size)
{
	open_nonblocking_link();
	received = 0;
	step("%s", name);
	note_number(name, write_all(ends.near, data, (int)size, read_slowly));
	see_drain(BY_READ, ends.far, size - received);
	see_receive_now(BY_READ, ends.far, 1);
	close_link(&ends);
}

static void give_up(const char *name, other_end *meanwhile)
{
	open_nonblocking_link();
	note_number(name, write_all(ends.near, data, MOST, meanwhile));
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
