/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls without an address on a socket that is not connected, and once it is. */
#include "kit.h"

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
	return open_listener_of(NEAR, type(), 8);
}

static const struct state {
	const char *name;
	int (*open)(void);
	bool datagram; /* whether a datagram socket can be in it, too */
	bool unix_stream;
} states[] = {
	{"fresh", open_fresh, true, true},
	{"bound", open_with_name, true, true},
	{"listening", open_listening, false, true},
	{"refused", open_refused, false, true},
	{"disconnected", open_disconnected, true, false},
};

static bool exists(const struct state *state)
{
	if (type() == SOCK_DGRAM)
		return state->datagram;
	/* AF_UNSPEC ends no connection of AF_UNIX. */
	return state->unix_stream || family() != AF_UNIX;
}

static void see_refusal(const struct state *state, enum writer by)
{
	int fd;

	step("%s, %s", state->name, writer_name(by));
	fd = state->open();
	see_send(by, fd, "hello", 5, 0, NULL);
	fence(NEAR);
}

/* The same socket is as good as any other, once it is connected. */
static void see_first_success(enum writer by)
{
	bool datagram = type() == SOCK_DGRAM;
	int far = datagram ? open_bound(FAR, type()) : open_listener_of(FAR, type(), 8);
	struct name peer = name_of_socket(far);
	int fd = open_socket(NEAR, type());

	step("to be connected, %s", writer_name(by));
	see_send(by, fd, "early", 5, 0, NULL);
	step("connected, %s", writer_name(by));
	see_connect(fd, &peer);
	see_send(by, fd, "hello", 5, 0, NULL);
	if (!datagram)
		far = must(see_accept(far, NULL));
	see_receive_soon(BY_RECV, far, 64);
	see_receive_now(BY_RECV, far, 64);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (enum writer by = BY_SEND; by <= BY_SENDMSG; by++) {
		for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
			if (exists(&states[i]))
				see_refusal(&states[i], by);
		}
		see_first_success(by);
	}
	return probe_end();
}
