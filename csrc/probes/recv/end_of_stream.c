/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving calls on a stream socket whose peer has sent all that it will: unread data first. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

static void end(int fd)
{
	if (variant_is("end", "close"))
		see_close(fd);
	else
		see_shutdown(fd, SHUT_WR);
}

static void end_with_data(struct link link)
{
	send_all(link.far, "goodbye", 7);
	end(link.far);
	await_unread(link.near, 7);
	/* POLLRDHUP: the end has come as well */
	await_poll(link.near, POLLRDHUP);
	step("a part of the data");
	see_receive(reader(), link.near, 4, 0);
	step("the rest of the data");
	see_receive(reader(), link.near, 64, 0);
	step("the end");
	see_receive(reader(), link.near, 64, 0);
	step("the end again");
	see_receive(reader(), link.near, 64, 0);
}

static void end_while_waiting(struct link link)
{
	struct receiver receiver;

	step("waiting");
	receiver_start(&receiver, "reader", reader(), link.near, 64, 0);
	see_receiver_asleep(&receiver);
	end(link.far);
	sleeper_join(&receiver.sleeper);
	step("after waiting");
	see_receive(reader(), link.near, 64, 0);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	end_while_waiting(open_stream_link());
	end_with_data(open_stream_link());

	link = open_stream_link();
	must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	step("non-blocking, before the end");
	see_receive(reader(), link.near, 64, 0);
	end(link.far);
	await_poll(link.near, POLLRDHUP);
	step("non-blocking, the end");
	see_receive(reader(), link.near, 64, 0);
	return probe_end();
}
