/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_PEEK: a receiving call that leaves the data in the socket's queue. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());

	step("empty");
	receiver_start(&receiver, "reader", reader(), link.near, 64, MSG_PEEK);
	see_receiver_asleep(&receiver);
	see_send(BY_SEND, link.far, "hello", 5, 0, NULL);
	sleeper_join(&receiver.sleeper);
	step("a part");
	see_receive(reader(), link.near, 3, MSG_PEEK | MSG_DONTWAIT);
	step("all");
	see_receive(reader(), link.near, 64, MSG_PEEK | MSG_DONTWAIT);
	step("again");
	see_receive(reader(), link.near, 64, MSG_PEEK | MSG_DONTWAIT);
	step("taken");
	see_receive_now(reader(), link.near, 64);
	step("emptied");
	see_receive(reader(), link.near, 64, MSG_PEEK | MSG_DONTWAIT);
	return probe_end();
}
