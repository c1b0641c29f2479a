/* SPDX-License-Identifier: Apache-2.0 */
/* send() of data that arrives and that the peer never reads, since it closes its socket. */
#include "kit.h"

#include <poll.h>

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	step("sent");
	see_send(BY_SEND, link.near, "hello", 5, 0, NULL);
	await_unread(link.far, 5);
	step("closed");
	must(see_close(link.far));
	if (type() != SOCK_DGRAM)
		await_poll(link.near, POLLRDHUP); /* by an end or a reset */
	see_receive_now(BY_RECV, link.near, 64);
	return probe_end();
}
