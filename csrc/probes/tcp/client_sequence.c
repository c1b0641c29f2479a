/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), connect(), write() and close(), in this order and no others, and what the server gets. */
#include "kit.h"

#include <poll.h>

enum { MOST = 1 << 16 };

/* What has come in so far, until the end of the stream. */
static void see_all(int s)
{
	while (see_arrival(s, MOST) > 0)
		;
}

int main(int argc, char **argv)
{
	static unsigned char data[MOST];
	struct name server;
	size_t size;
	int listener;
	int s;

	probe_begin(argc, argv);
	size = (size_t)variant_number("size");
	if (size > MOST)
		fault("%zu bytes are too many", size);
	pattern_fill(data, size, 0, 1);
	listener = open_listener(FAR, 1);
	server = name_of_socket(listener);
	fence(NEAR);

	step("client");
	s = see_socket(family(), SOCK_STREAM, 0);
	see_connect(s, &server);
	see_send(BY_WRITE, s, data, size, 0, NULL);
	see_close(s);

	step("server");
	await_poll(listener, POLLIN);
	see_all(see_accept(listener, NULL));
	fence(NEAR);
	return probe_end();
}
