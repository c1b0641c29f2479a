/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_DONTWAIT on a sending call with more data than all buffers hold: that one call does not wait. */
#include "kit.h"

#include <fcntl.h>

enum { BUFFER = 16384, DATA = 16 * BUFFER };

struct sender {
	struct sleeper sleeper;
	int fd;
	int flags;
};

static char data[DATA];

static void send_once(void *argument)
{
	const struct sender *sender = argument;

	see_send(writer(), sender->fd, data, sizeof data, sender->flags, NULL);
}

static void start(struct sender *sender, int fd, int flags)
{
	*sender = (struct sender){.fd = fd, .flags = flags};
	sleeper_start(&sender->sleeper, "writer", send_once, sender);
	see_asleep(&sender->sleeper, variant("by"));
}

/* Fixed sizes: otherwise the kernel lets the buffers of TCP grow with what they carry. */
static struct link open_narrow_link(void)
{
	struct link link = open_stream_link();
	int size = BUFFER;

	must(setsockopt(link.near, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
	must(setsockopt(link.far, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
	return link;
}

int main(int argc, char **argv)
{
	struct sender sender;
	struct link link;

	probe_begin(argc, argv);
	link = open_narrow_link();
	if (variant_is("mode", "nonblocking"))
		must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	pattern_fill(data, sizeof data, 0, 1);

	step("before");
	see_get_flags(link.near);
	step("with the flag");
	start(&sender, link.near, MSG_DONTWAIT);
	sleeper_join(&sender.sleeper);
	step("with the flag again");
	start(&sender, link.near, MSG_DONTWAIT);
	sleeper_join(&sender.sleeper);
	step("after");
	see_get_flags(link.near);

	step("without the flag");
	start(&sender, link.near, 0);
	see_close(link.far);
	sleeper_join(&sender.sleeper);
	return probe_end();
}
