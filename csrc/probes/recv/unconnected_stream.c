/* SPDX-License-Identifier: Apache-2.0 */
/* recv() on a stream or seqpacket socket in a state in which it is not connected. */
#include "kit.h"

#include <fcntl.h>
#include <signal.h>

static int open_fresh(void)
{
	return open_socket(NEAR, type());
}

static int open_with_name(void)
{
	return open_bound(NEAR, type());
}

static int open_listening(void)
{
	int fd = open_bound(NEAR, type());

	must(listen(fd, 8));
	return fd;
}

static int open_connecting(void)
{
	int fd = open_socket(NEAR, type());
	struct name silent = name_of(SILENT, 9);

	must(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK));
	see_connect(fd, &silent);
	must(fcntl(fd, F_SETFL, O_RDWR));
	return fd;
}

static const struct state {
	const char *name;
	int (*open)(void);
} states[] = {
	{"fresh", open_fresh},	       {"bound", open_with_name},
	{"listening", open_listening}, {"connecting", open_connecting},
	{"refused", open_refused},     {"disconnected", open_disconnected},
};

static int open_in_state(void)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (variant_is("state", states[i].name))
			return states[i].open();
	}
	fault("no such state: %s", variant("state"));
}

int main(int argc, char **argv)
{
	struct receiver receiver;
	int fd;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	fd = open_in_state();
	receiver_start(&receiver, "reader", BY_RECV, fd, 64, 0);
	see_receiver_asleep(&receiver);
	/* Ends a call that waits: nothing else would. */
	sleeper_signal(&receiver.sleeper, SIGUSR1);
	sleeper_join(&receiver.sleeper);
	return probe_end();
}
