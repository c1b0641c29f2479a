/* SPDX-License-Identifier: Apache-2.0 */
/* A record is sent that is larger than the sender's buffer, and then one that is not. */
#include "kit.h"

enum { SPACE = 16384, TOO_MUCH = 1 << 20, ROOM = 256 };

static unsigned char record[TOO_MUCH];

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(SOCK_SEQPACKET);
	must(setsockopt(link.near, SOL_SOCKET, SO_SNDBUF, &(int){SPACE}, sizeof(int)));
	step("large");
	see_send(BY_SEND, link.near, record, sizeof record, MSG_DONTWAIT, NULL);
	step("small");
	see_speak(link.near, 1);
	see_receive_soon(BY_RECV, link.far, ROOM);
	see_receive_now(BY_RECV, link.far, ROOM);
	return probe_end();
}
