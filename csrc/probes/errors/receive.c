/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call that is told something wrong, or on what cannot receive. */
#include "faults.h"

#include <fcntl.h>
#include <poll.h>

enum { ROOM = 256 };

/* No call shall wait, whatever it is told. */
static int non_blocking(int fd)
{
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

static void unconnected(struct told *told)
{
	told->fd = non_blocking(open_socket(NEAR, type()));
}

static void nothing_there(struct told *told)
{
	told->fd = non_blocking(open_link(type()).near);
}

static void reset_by_its_peer(struct told *told)
{
	struct linger none = {.l_onoff = 1};
	struct link link = open_link(type());

	told->fd = non_blocking(link.near);
	must(setsockopt(link.far, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	must(close(link.far));
	await_poll(link.near, POLLHUP);
}

static void urgent(struct told *told)
{
	told->flags = MSG_OOB;
}

static const struct fault faults[] = {
	{"unconnected", unconnected, NULL},
	{"nothing_there", nothing_there, NULL},
	{"reset_by_its_peer", reset_by_its_peer, NULL},
	{"urgent", urgent, NULL},
};

/* Two messages wait: one may be lost with a call that fails late. */
static struct told right(void)
{
	struct link link = open_link(type());
	struct told told = told_of(non_blocking(link.near));
	unsigned char words[SAID];

	for (unsigned seed = 1; seed <= 2; seed++) {
		pattern_fill(words, sizeof words, 0, seed);
		send_all(link.far, words, sizeof words);
	}
	await_unread(link.near, type() == SOCK_STREAM ? 2 * SAID : SAID);
	told.size = ROOM;
	told.name.length = sizeof told.name.storage;
	return told;
}

int main(int argc, char **argv)
{
	struct subject subject = {NULL, right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	subject.function = variant("by");
	show_faults(&subject);
	return probe_end();
}
