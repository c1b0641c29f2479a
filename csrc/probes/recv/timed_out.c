/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call on a connection over which nothing gets through any more: data unacknowledged. */
#include "kit.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	unsigned patience_ms = 1; /* from the first retransmission on */
	struct receiver receiver;
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();
	must(setsockopt(link.near, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms,
			sizeof patience_ms));
	lose_all(link.far);
	step("waiting");
	receiver_start(&receiver, "reader", reader(), link.near, 64, 0);
	see_receiver_asleep(&receiver);
	see_send(BY_SEND, link.near, "hello", 5, 0, NULL);
	sleeper_join(&receiver.sleeper);
	step("after waiting");
	see_receive(reader(), link.near, 64, 0);
	return probe_end();
}
