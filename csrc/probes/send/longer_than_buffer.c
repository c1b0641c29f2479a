/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the most bytes that an AF_UNIX socket's send buffer takes, and of one more. */
#include "kit.h"

enum { MOST = 1 << 20 };

static unsigned char data[MOST + 1];

/* Whether a message of that size is taken; it is thrown away. */
static bool fits(struct link link, size_t size)
{
	char byte;

	if (send(link.near, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return false;
	must(recv(link.far, &byte, 1, MSG_DONTWAIT));
	return true;
}

/* By halving; MOST where the socket knows no limit. */
static size_t longest(struct link link)
{
	size_t good = 0;
	size_t bad = MOST + 1;

	while (bad - good > 1) {
		size_t middle = good + (bad - good) / 2;

		if (fits(link, middle))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

static void see_edge(const char *buffer, struct link link)
{
	size_t most = longest(link);

	note_number(buffer, (int64_t)most);
	step("%s, the longest", buffer);
	see_send(writer(), link.near, data, most, 0, NULL);
	see_receive_soon(BY_RECV, link.far, MOST);
	step("%s, one byte more", buffer);
	see_send(writer(), link.near, data, most + 1, 0, NULL);
	step("%s, afterwards", buffer);
	see_send(writer(), link.near, data, 5, 0, NULL);
	see_receive_soon(BY_RECV, link.far, MOST);
	see_receive_now(BY_RECV, link.far, MOST);
}

/* A send buffer that is smaller than it was, whatever its size was. */
static void make_narrow(int fd)
{
	socklen_t length = sizeof(int);
	int size;

	must(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length));
	note_number("before", size);
	must(see_setsockopt(fd, SOL_SOCKET, "SO_SNDBUF", SO_SNDBUF, size / 8));
	must(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length));
	note_number("after", size);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	link = open_link(type());
	see_edge("default buffer", link);
	make_narrow(link.near);
	see_edge("narrow buffer", link);
	return probe_end();
}
