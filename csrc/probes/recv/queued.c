/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call that asks for more, as many, and fewer bytes than lie unread in a stream socket. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { LARGE = 8000 };

/* On a connection of its own: the end of the stream would wake a call that waited for more. */
static void ask(const char *name, size_t unread, size_t size)
{
	static char data[LARGE];
	struct receiver receiver;
	struct link link = open_stream_link();

	if (variant_is("mode", "nonblocking"))
		must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	pattern_fill(data, unread, 0, 1);
	send_all(link.far, data, unread);
	await_unread(link.near, unread);
	step("%s", name);
	receiver_start(&receiver, "reader", reader(), link.near, size, 0);
	see_receiver_asleep(&receiver);
	see_shutdown(link.far, SHUT_WR);
	sleeper_join(&receiver.sleeper);
	await_poll(link.near, POLLIN);
	step("%s: the rest", name);
	see_receive(reader(), link.near, LARGE, 0);
	close(link.near);
	close(link.far);
	close(link.listener);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	ask("more", 100, 200);
	ask("equal", 100, 100);
	ask("fewer", 100, 60);
	ask("one", 100, 1);
	ask("many more", LARGE / 2, LARGE);
	ask("many fewer", LARGE, LARGE / 2);
	return probe_end();
}
