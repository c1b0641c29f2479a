/* SPDX-License-Identifier: Apache-2.0 */
/* Non-blocking sending calls with more data than there is space for, until there is none, and then again. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { MOST = 65536, FILLS_MAX = 1000, LITTLE = 100 };

static unsigned char data[MOST];
static size_t taken;
static size_t received;

struct filler {
	int fd;
	size_t size;
	int over; /* the call that is being made is the last; atomic */
};

/* The next bytes of the pattern, as long as any of them are taken; then that none are. */
static void send_what_fits(void *argument)
{
	const struct filler *filler = argument;
	ssize_t sent = 1;

	for (int i = 0; i < FILLS_MAX && sent > 0; i++) {
		if (__atomic_load_n(&filler->over, __ATOMIC_ACQUIRE))
			return;
		pattern_fill(data, filler->size, taken, 0);
		sent = see_send(writer(), filler->fd, data, filler->size, 0, NULL);
		taken += sent > 0 ? (size_t)sent : 0;
	}
}

/* In a thread: the calls may turn out to block. */
static void see_what_fits(const struct link *link, size_t size)
{
	struct filler filler = {.fd = link->near, .size = size};
	struct sleeper sleeper;

	sleeper_start(&sleeper, "writer", send_what_fits, &filler);
	see_asleep(&sleeper, writer_name(writer()));
	if (sleeper_done(&sleeper)) {
		sleeper_join(&sleeper);
		return;
	}
	__atomic_store_n(&filler.over, 1, __ATOMIC_RELEASE);
	shutdown(link->near, SHUT_RDWR);
	sleeper_join(&sleeper);
	exit(probe_end()); /* all that is to come would block as well */
}

/* What is taken moves on to the peer, until there is no space there either. */
static void fill_both(const struct link *link, size_t size)
{
	size_t before;

	do {
		before = taken;
		await_still(link);
		see_what_fits(link, size);
	} while (taken > before);
}

static void see_what_lies(const struct link *link)
{
	if (type() == SOCK_STREAM)
		note_number("held", (int64_t)bytes_held(link));
	see_poll(link->near, POLLOUT, 0);
}

static bool writable(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	return must(poll(&poller, 1, 0)) == 1;
}

/* The peer takes what there is, until poll() would report space. */
static void make_space(const struct link *link)
{
	enum reader by = (enum reader)writer(); /* read for write, readv for writev, ... */
	ssize_t got = 1;

	while (got > 0 && !writable(link->near)) {
		got = see_receive_soon(by, link->far, DRAINED);
		received += got > 0 ? (size_t)got : 0;
		await_still(link);
	}
	see_poll(link->near, POLLOUT, 0);
}

int main(int argc, char **argv)
{
	struct sender sender;
	struct link link;
	size_t size;

	probe_begin(argc, argv);
	size = type() == SOCK_STREAM ? MOST : (size_t)variant_number("size");
	link = open_narrow_link(type());
	must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));

	step("longer than the space");
	see_what_fits(&link, size);
	step("full");
	fill_both(&link, size);
	see_what_lies(&link);
	step("full, one byte");
	see_what_fits(&link, 1);

	step("the peer reads");
	make_space(&link);
	step("longer than the new space");
	see_what_fits(&link, size);
	step("full again");
	fill_both(&link, size);
	see_what_lies(&link);

	step("the rest");
	see_drain((enum reader)writer(), link.far, taken - received);
	see_receive_now(BY_RECV, link.far, 1);
	step("enough space");
	await_still(&link);
	await_poll(link.near, POLLOUT);
	pattern_fill(data, LITTLE, taken, 0);
	sender_start(&sender, writer(), link.near, data, LITTLE, 0);
	see_sender_asleep(&sender);
	sleeper_join(&sender.sleeper);
	see_drain((enum reader)writer(), link.far, LITTLE);
	return probe_end();
}
