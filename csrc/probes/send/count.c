/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls with no bytes, few and many: the count that each returns, and what arrives. */
#include "kit.h"

enum { MOST = 50001, NO_MORE = 4 };

static unsigned char data[MOST];
static const char end[] = "end";

static size_t part_of(int fd, int option)
{
	socklen_t length = sizeof(int);
	int buffer;

	must(getsockopt(fd, SOL_SOCKET, option, &buffer, &length));
	return (size_t)buffer / 4;
}

/* An odd number of bytes that the buffers hold at once, whatever their sizes are. */
static size_t large(struct link link)
{
	size_t size = part_of(link.near, SO_SNDBUF);
	size_t room = part_of(link.far, SO_RCVBUF);

	if (room < size)
		size = room;
	return (size < MOST ? size : MOST) | 1;
}

static void see_some(enum writer by, struct link link, size_t size)
{
	ssize_t sent;

	step("%s, %zu", writer_name(by), size);
	pattern_fill(data, size, 0, (unsigned)by);
	sent = see_send(by, link.near, data, size, 0, NULL);
	if (sent > 0)
		await_unread(link.far, (size_t)sent);
	see_receive_now((enum reader)by, link.far, size + 1);
}

/* What comes before the end that is sent behind it: nothing, or an empty message. */
static void see_none(enum writer by, struct link link)
{
	step("%s, 0", writer_name(by));
	see_send(by, link.near, data, 0, 0, NULL);
	see_send(by, link.near, end, strlen(end), 0, NULL);
	for (int i = 0; i < NO_MORE; i++) {
		if (see_receive_soon((enum reader)by, link.far, 64) != 0)
			return;
	}
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1,    2,	   3,	 255,  256,  257, 1000,
				       1447, 1448, 1449, 4095, 4096, 4097};
	struct link link;
	size_t most;

	probe_begin(argc, argv);
	link = open_link(type());
	send_at_once(link.near);
	most = large(link);
	note_number("large", (int64_t)most);
	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++) {
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
			see_some(by, link, sizes[i]);
		see_some(by, link, most);
		see_none(by, link);
	}
	return probe_end();
}
