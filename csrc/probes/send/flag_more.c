/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_MORE on a UDP socket: what is sent with it waits for a call without it, and makes one datagram. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
#ifdef MSG_MORE
	link = open_datagram_link();
	for (enum writer by = BY_SEND; by <= BY_SENDMSG; by++) {
		step("%s, with", writer_name(by));
		fence(NEAR);
		see_send(by, link.near, "one, ", 5, MSG_MORE, NULL);
		see_send(by, link.near, "two, ", 5, MSG_MORE, NULL);
		fence(NEAR);
		see_receive_now(BY_RECV, link.far, 64);
		step("%s, without", writer_name(by));
		see_send(by, link.near, "three", 5, 0, NULL);
		see_receive_soon(BY_RECV, link.far, 64);
		see_receive_now(BY_RECV, link.far, 64);
	}
#else
	(void)link;
	unsupported("MSG_MORE", 0);
#endif
	return probe_end();
}
