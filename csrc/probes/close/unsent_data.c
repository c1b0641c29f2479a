/* SPDX-License-Identifier: Apache-2.0 */
/* close() of a TCP socket that has more to send than its peer takes. */
#include "kit.h"

#include <fcntl.h>

enum {
	BUFFER = 16384, /* asked for as send and receive buffer, so that both are soon full */
	PIECE = 4096,
	TAKEN = 65536,	     /* by one call of the peer */
	PIECES_MAX = 100000, /* more than any buffer of this size can hold */
};

static void limit_buffer(int fd, const char *name, int option)
{
	int size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, option, &size, sizeof size))
		fault("the socket's %s cannot be set: %s", name, errno_name(errno));
}

static struct link link_with_small_buffers(void)
{
	struct link link = {.listener = open_listener(FAR, 8)};
	struct name name = name_of_socket(link.listener);

	limit_buffer(link.listener, "SO_RCVBUF", SO_RCVBUF); /* accepted sockets inherit it */
	link.near = open_socket(NEAR, SOCK_STREAM);
	limit_buffer(link.near, "SO_SNDBUF", SO_SNDBUF);
	must(connect(link.near, &name.any, name.length));
	link.far = must(see_accept(link.listener, NULL));
	return link;
}

/* Sends until the socket takes no more; returns how many bytes it took. */
static size_t fill(int fd)
{
	unsigned char piece[PIECE];
	size_t taken = 0;

	for (int i = 0; i < PIECES_MAX; i++) {
		ssize_t sent;

		pattern_fill(piece, sizeof piece, taken, 0);
		sent = send(fd, piece, sizeof piece, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EAGAIN)
			return taken;
		taken += (size_t)must(sent);
	}
	fault("the socket takes any amount of data");
}

static void close_it(void *argument)
{
	const int *fd = argument;

	see_close(*fd);
}

int main(int argc, char **argv)
{
	struct sleeper closer;
	struct link link;
	struct name near;
	ssize_t got;

	probe_begin(argc, argv);
	link = link_with_small_buffers();
	near = name_of_socket(link.near);
	note_name("near", &near);
	note_number("bytes", (int64_t)fill(link.near));
	step("close");
	sleeper_start(&closer, "closer", close_it, &link.near);
	see_asleep(&closer, "close");
	fence(NEAR);
	step("the peer reads");
	do
		got = see_arrival(link.far, TAKEN);
	while (got > 0);
	sleeper_join(&closer);
	return probe_end();
}
