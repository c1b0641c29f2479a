/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call on a blocking socket in whose queue nothing lies, and the data that wakes it. */
#include "kit.h"

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

	probe_begin(argc, argv);
	link = open_link(type());
	wait_for("the first piece", &link, "hello");
	wait_for("the second piece", &link, "you");
	wait_for("the third piece", &link, "!");
	return probe_end();
}
