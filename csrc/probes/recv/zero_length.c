/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call that asks for no bytes, with data in the socket's queue and without. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();

	step("empty");
	receiver_start(&receiver, "reader", reader(), link.near, 0, 0);
	see_receiver_asleep(&receiver);
	see_send(BY_SEND, link.far, "hello", 5, 0, NULL);
	sleeper_join(&receiver.sleeper);
	await_unread(link.near, 5);
	step("data");
	see_receive(reader(), link.near, 0, 0);
	step("data still there");
	see_receive(reader(), link.near, 64, 0);
	return probe_end();
}
