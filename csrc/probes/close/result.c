/* SPDX-License-Identifier: Apache-2.0 */
/* close() of a socket in each of its states. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

/* Each makes a socket that is in a state. */

static int fresh(void)
{
	return open_socket(NEAR, type());
}

static int bound(void)
{
	return open_bound(NEAR, type());
}

static int duplicate(void)
{
	return must(dup(fresh()));
}

static int connected(void)
{
	return open_link(type()).near;
}

static int non_blocking(void)
{
	int fd = connected();

	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

static int with_unread_data(void)
{
	struct link link = open_link(type());

	send_all(link.far, "unread", 6);
	await_poll(link.near, POLLIN);
	return link.near;
}

static int listening(void)
{
	return open_listener(NEAR, 8);
}

/* A connection waits in its queue. */
static int awaited(void)
{
	int fd = listening();
	struct name name = name_of_socket(fd);
	int client = open_socket(FAR, SOCK_STREAM);

	must(connect(client, &name.any, name.length));
	return fd;
}

static int shut_down(void)
{
	int fd = connected();

	must(shutdown(fd, SHUT_RDWR));
	return fd;
}

static int left_by_its_peer(void)
{
	struct link link = open_stream_link();

	must(close(link.far));
	await_poll(link.near, POLLIN);
	return link.near;
}

/* The error of the reset is pending: nobody has fetched it. */
static int reset_by_its_peer(void)
{
	struct linger none = {.l_onoff = 1};
	struct link link = open_stream_link();

	must(setsockopt(link.far, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	must(close(link.far));
	await_poll(link.near, POLLIN);
	return link.near;
}

static int refused(void)
{
	struct name name = refusing_name(FAR, SOCK_STREAM);
	int fd = fresh();

	if (!connect(fd, &name.any, name.length))
		fault("connect() to a socket that does not listen succeeded");
	return fd;
}

static const struct {
	const char *name;
	int (*make)(void);
	bool stream; /* only for SOCK_STREAM */
} states[] = {
	{"fresh", fresh, false},
	{"bound", bound, false},
	{"duplicate", duplicate, false},
	{"connected", connected, false},
	{"non-blocking", non_blocking, false},
	{"with unread data", with_unread_data, false},
	{"listening", listening, true},
	{"awaited", awaited, true},
	{"shut down", shut_down, true},
	{"left by its peer", left_by_its_peer, true},
	{"reset by its peer", reset_by_its_peer, true},
	{"refused", refused, true},
};

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		int fd;

		if (states[i].stream && type() != SOCK_STREAM)
			continue;
		fd = states[i].make();
		step("%s", states[i].name);
		see_close(fd);
		step("%s, once more", states[i].name);
		see_close(fd);
	}
	return probe_end();
}
