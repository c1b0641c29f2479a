/* SPDX-License-Identifier: Apache-2.0 */
/* A sending call that is told something wrong, or on what cannot send. */
#include "faults.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

enum { ROOM = 256, LONGER_THAN_UDP = 65536 };

static int far_end;

/* sendto() and sendmsg() are told where to, unless there is a connection. */
static bool is_addressed(void)
{
	return type() == SOCK_DGRAM && (variant_is("by", "sendto") || variant_is("by", "sendmsg"));
}

/* --- addresses ------------------------------------------------------------------------------------ */

static void of_another_type(struct told *told)
{
	told->name = name_of_socket(open_listener_of(FAR, SOCK_STREAM, 1));
}

/* --- states --------------------------------------------------------------------------------------- */

/* Neither a connection nor an address. */
static void unconnected(struct told *told)
{
	told->fd = open_socket(NEAR, type());
	told->name.length = 0;
}

/* A connection and an address. */
static void connected(struct told *told)
{
	if (is_addressed())
		told->fd = open_link(type()).near;
	else
		told->name = name_of_peer(told->fd);
}

static void shut_down(struct told *told)
{
	told->fd = open_link(type()).near;
	told->name.length = 0;
	must(shutdown(told->fd, SHUT_WR));
}

static void ignore_errors(int fd)
{
	char byte = 0;

	if (send(fd, &byte, 1, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		fault_at("send()", errno, __FILE__, __LINE__);
}

/* TCP learns that nobody reads any more from the answer to what is sent then. */
static void left_by_its_peer(struct told *told)
{
	struct link link = open_link(type());

	told->fd = link.near;
	must(close(link.far));
	await_poll(link.near, POLLIN);
	ignore_errors(link.near);
	await_poll(link.near, POLLHUP);
}

static void reset_by_its_peer(struct told *told)
{
	struct linger none = {.l_onoff = 1};
	struct link link = open_link(type());

	told->fd = link.near;
	must(setsockopt(link.far, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	must(close(link.far));
	await_poll(link.near, POLLHUP);
}

static void no_room(struct told *told)
{
	struct link link = open_narrow_link(type());

	told->fd = link.near;
	told->name.length = 0;
	fill_link(&link, told->size);
	must(fcntl(link.near, F_SETFL, O_NONBLOCK));
}

/* --- data ----------------------------------------------------------------------------------------- */

static void urgent(struct told *told)
{
	told->flags = MSG_OOB;
}

/* AF_UNIX takes at most what its buffer holds. */
static void too_long(struct told *told)
{
	socklen_t length = sizeof(int);
	int least = 1;
	int most = LONGER_THAN_UDP;

	if (family() == AF_UNIX) {
		must(setsockopt(told->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least));
		must(getsockopt(told->fd, SOL_SOCKET, SO_SNDBUF, &most, &length));
	}
	told->size = (size_t)most;
}

static const struct fault faults[] = {
	{"of_another_type", of_another_type, NULL},
	{"unconnected", unconnected, NULL},
	{"connected", connected, NULL},
	{"shut_down", shut_down, NULL},
	{"left_by_its_peer", left_by_its_peer, NULL},
	{"reset_by_its_peer", reset_by_its_peer, NULL},
	{"no_room", no_room, NULL},
	{"urgent", urgent, NULL},
	{"too_long", too_long, NULL},
};

static struct told right(void)
{
	struct link link = {.near = -1};
	struct told told;

	if (is_addressed()) {
		link.near = open_bound(NEAR, type());
		link.far = open_bound(FAR, type());
	} else {
		link = open_link(type());
	}
	far_end = link.far;
	told = told_of(link.near);
	told.size = SAID;
	if (is_addressed())
		told.name = name_of_socket(link.far);
	return told;
}

/* What has arrived. */
static void look(bool wrong)
{
	if (wrong)
		see_receive_now(BY_RECV, far_end, ROOM);
	else
		see_receive_soon(BY_RECV, far_end, ROOM);
}

int main(int argc, char **argv)
{
	struct subject subject = {NULL, right, look, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	subject.function = variant("by");
	show_faults(&subject);
	return probe_end();
}
