/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() on a socket without a connection, and on the connection that it makes afterwards. */
#include "kit.h"

#include <poll.h>

static const struct {
	const char *name;
	int way;
} ways[] = {
	{"rd", SHUT_RD},
	{"wr", SHUT_WR},
	{"rdwr", SHUT_RDWR},
};

/* Each makes a socket that is in a state. */

static int bound(void)
{
	return open_bound(NEAR, type());
}

static int refused(void)
{
	struct name name = refusing_name(FAR, SOCK_STREAM);
	int fd = open_socket(NEAR, SOCK_STREAM);

	if (!connect(fd, &name.any, name.length))
		fault("connect() to a socket that does not listen succeeded");
	return fd;
}

static int ended(void)
{
	struct link link = open_stream_link();

	must(shutdown(link.near, SHUT_WR));
	await_poll(link.far, POLLRDHUP); /* else the two FINs may cross, and the end takes longer */
	must(shutdown(link.far, SHUT_WR));
	await_poll(link.near, POLLHUP);
	return link.near;
}

static int reset(void)
{
	struct linger none = {.l_onoff = 1};
	struct link link = open_stream_link();

	must(setsockopt(link.far, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	must(close(link.far));
	await_poll(link.near, POLLHUP);
	return link.near;
}

static const struct {
	const char *name;
	int (*make)(void);
	bool stream; /* only for SOCK_STREAM */
} states[] = {
	{"bound", bound, false},
	{"refused", refused, true},
	{"ended", ended, true},
	{"reset", reset, true},
};

static void see_states(const char *name, int way)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		int fd;

		if (states[i].stream && type() != SOCK_STREAM)
			continue;
		fd = states[i].make();
		step("%s: %s", name, states[i].name);
		see_shutdown(fd, way);
		close(fd);
	}
}

/* The peer of the connection, or of a datagram socket the only one that it hears. */
static int connect_to_peer(int fd)
{
	int peer = open_bound(FAR, type());
	struct name name = name_of_socket(peer);
	int taken;

	if (type() != SOCK_DGRAM)
		must(listen(peer, 8));
	if (see_connect(fd, &name))
		unavailable("a connection by a socket that was shut down before", errno);
	if (type() == SOCK_DGRAM) {
		name = name_of_socket(fd);
		must(connect(peer, &name.any, name.length));
		return peer;
	}
	taken = must(see_accept(peer, NULL));
	close(peer);
	return taken;
}

static void see_fresh(const char *name, int way)
{
	int fd = family() == AF_UNIX ? bound() : open_socket(NEAR, type());
	int peer;

	step("%s: fresh", name);
	see_shutdown(fd, way);
	step("%s: connected", name);
	peer = connect_to_peer(fd);
	step("%s: sending", name);
	if (see_speak(fd, 1) > 0)
		see_arrival(peer, SAID);
	step("%s: nothing to receive", name);
	see_receive_now(BY_RECV, fd, SAID);
	step("%s: receiving", name);
	if (see_speak(peer, 2) > 0)
		await_outcome(peer, fd, SAID);
	see_receive_now(BY_RECV, fd, SAID);
	close(fd);
	close(peer);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		see_fresh(ways[i].name, ways[i].way);
		if (family() != AF_UNIX)
			see_states(ways[i].name, ways[i].way);
	}
	return probe_end();
}
