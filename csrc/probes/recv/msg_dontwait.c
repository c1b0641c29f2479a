/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_DONTWAIT on a receiving call: that one call does not wait, whatever the socket's mode. */
#include "kit.h"

#include <fcntl.h>

static void receive(const char *name, int fd, int flags)
{
	struct receiver receiver;

	step("%s", name);
	receiver_start(&receiver, "reader", reader(), fd, 64, flags);
	see_receiver_asleep(&receiver);
	sleeper_join(&receiver.sleeper);
}

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	if (variant_is("mode", "nonblocking"))
		must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));

	step("before");
	see_get_flags(link.near);
	receive("empty", link.near, MSG_DONTWAIT);
	receive("empty, peeking", link.near, MSG_DONTWAIT | MSG_PEEK);
	send_all(link.far, "hello", 5);
	await_unread(link.near, 5);
	receive("data", link.near, MSG_DONTWAIT);
	step("after");
	see_get_flags(link.near);

	step("without the flag");
	receiver_start(&receiver, "reader", reader(), link.near, 64, 0);
	see_receiver_asleep(&receiver);
	see_send(BY_SEND, link.far, "later", 5, 0, NULL);
	sleeper_join(&receiver.sleeper);
	return probe_end();
}
