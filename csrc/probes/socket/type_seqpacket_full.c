/* SPDX-License-Identifier: Apache-2.0 */
/* Records are sent without blocking until the receiver's queue is full, and then received. */
#include "kit.h"

enum { RECORD = 8000, ROOM = 16000, ENOUGH = 400, SPACE = 65536 };

static unsigned char record[RECORD];

static bool send_one(int from, unsigned seed)
{
	pattern_fill(record, sizeof record, 0, seed);
	return see_send(BY_SEND, from, record, sizeof record, MSG_DONTWAIT, NULL) >= 0;
}

int main(int argc, char **argv)
{
	struct link link;
	unsigned sent = 0;
	unsigned taken = 0;

	probe_begin(argc, argv);
	link = open_link(SOCK_SEQPACKET);
	must(setsockopt(link.near, SOL_SOCKET, SO_SNDBUF, &(int){SPACE}, sizeof(int)));
	step("fill");
	while (sent < ENOUGH && send_one(link.near, sent))
		sent++;
	step("take some");
	for (; taken < sent / 2; taken++)
		see_receive_now(BY_RECV, link.far, ROOM);
	step("fill again");
	for (unsigned more = 0; more < sent && send_one(link.near, sent + more);)
		more++;
	see_close(link.near);
	step("take all");
	while (see_receive_now(BY_RECV, link.far, ROOM) > 0)
		;
	return probe_end();
}
