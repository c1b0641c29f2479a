/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving calls on a connection that the peer breaks off: waiting, and with data unread. */
#include "kit.h"

#include <poll.h>

/* how=linger: SO_LINGER with a time of 0.  how=unread: a close with data that the peer never read. */
static void break_off(struct link link)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	if (variant_is("how", "linger"))
		must(setsockopt(link.far, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
	see_close(link.far);
}

static struct link open_breakable_link(void)
{
	struct link link = open_stream_link();

	if (variant_is("how", "unread")) {
		send_all(link.near, "unread", 6);
		await_unread(link.far, 6);
	}
	return link;
}

static void break_while_waiting(struct link link)
{
	struct receiver receiver;

	step("waiting");
	receiver_start(&receiver, "reader", reader(), link.near, 64, 0);
	see_receiver_asleep(&receiver);
	break_off(link);
	sleeper_join(&receiver.sleeper);
	step("after waiting");
	see_receive(reader(), link.near, 64, 0);
	step("after waiting, again");
	see_receive(reader(), link.near, 64, 0);
}

static void break_with_data(struct link link)
{
	send_all(link.far, "hello", 5);
	await_unread(link.near, 5);
	break_off(link);
	await_poll(link.near, POLLHUP);
	step("data");
	see_receive(reader(), link.near, 64, 0);
	step("after data");
	see_receive(reader(), link.near, 64, 0);
	step("after data, again");
	see_receive(reader(), link.near, 64, 0);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	break_while_waiting(open_breakable_link());
	break_with_data(open_breakable_link());
	return probe_end();
}
