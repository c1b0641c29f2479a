/* SPDX-License-Identifier: Apache-2.0 */
/* accept() that is told something wrong, or on what does not accept. */
#include "faults.h"

#include <fcntl.h>
#include <poll.h>

/* Non-blocking: a call that does not fail shall not wait either. */
static int open_waiting(int clients)
{
	int listener = open_listener_of(NEAR, type(), 8);
	struct name name = name_of_socket(listener);

	must(fcntl(listener, F_SETFL, O_NONBLOCK));
	while (clients--) {
		int client = open_socket(FAR, type());

		must(connect(client, &name.any, name.length));
		await_poll(listener, POLLIN);
	}
	return listener;
}

static void datagram(struct told *told)
{
	told->fd = open_bound(NEAR, SOCK_DGRAM);
}

static void not_listening(struct told *told)
{
	told->fd = open_bound(NEAR, type());
}

static void connected(struct told *told)
{
	told->fd = open_link(type()).near;
}

static void nobody_waits(struct told *told)
{
	told->fd = open_waiting(0);
}

static const struct fault faults[] = {
	{"datagram", datagram, NULL},
	{"not_listening", not_listening, NULL},
	{"connected", connected, NULL},
	{"nobody_waits", nobody_waits, NULL},
};

/* Two clients wait: one may be lost with a call that fails late. */
static struct told right(void)
{
	struct told told = told_of(open_waiting(2));

	told.name.length = sizeof told.name.storage;
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"accept", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
