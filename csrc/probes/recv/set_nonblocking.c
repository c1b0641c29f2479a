/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving calls after fcntl() set a socket's O_NONBLOCK, and after it cleared it again. */
#include "kit.h"

#include <fcntl.h>

static void receive(int fd)
{
	struct receiver receiver;

	receiver_start(&receiver, "reader", reader(), fd, 64, 0);
	see_receiver_asleep(&receiver);
	sleeper_end(&receiver.sleeper);
}

static void wait_for(const char *name, const struct link *link, const char *data)
{
	struct receiver receiver;

	step("%s", name);
	receiver_start(&receiver, "reader", reader(), link->near, 64, 0);
	see_receiver_asleep(&receiver);
	see_send(BY_SEND, link->far, data, strlen(data), 0, NULL);
	sleeper_join(&receiver.sleeper);
}

int main(int argc, char **argv)
{
	struct link link;
	int flags;

	probe_begin(argc, argv);
	link = open_link(type());

	step("set");
	flags = see_get_flags(link.near);
	see_set_flags(link.near, flags | O_NONBLOCK);
	step("set: flags");
	see_get_flags(link.near);
	step("set: empty");
	receive(link.near);
	step("set: empty again");
	receive(link.near);
	step("set: data");
	send_all(link.far, "hello", 5);
	await_unread(link.near, 5);
	receive(link.near);
	step("set: emptied");
	receive(link.near);

	step("clear");
	flags = see_get_flags(link.near);
	see_set_flags(link.near, flags & ~O_NONBLOCK);
	step("clear: flags");
	see_get_flags(link.near);
	wait_for("clear: empty", &link, "later");
	wait_for("clear: empty again", &link, "still");
	return probe_end();
}
