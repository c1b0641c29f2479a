/* SPDX-License-Identifier: Apache-2.0 */
/* Data that comes more than once, in the same segments and in others that overlap. */
#include "peer.h"

#include <fcntl.h>

enum { SIZE = 400 };

static unsigned char data[SIZE];
static uint32_t begin;

static void send_bytes(struct flow *flow, size_t from, size_t to)
{
	flow->snd_nxt = begin + (uint32_t)from;
	peer_sends_data(flow, data + from, to - from);
	settle();
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	begin = flow.snd_nxt;
	step("once"); /* 100 */
	send_bytes(&flow, 0, 100);
	see_unread(fd);
	step("twice"); /* 100 */
	send_bytes(&flow, 0, 100);
	see_unread(fd);
	step("overlapping"); /* 150 */
	send_bytes(&flow, 50, 150);
	see_unread(fd);
	step("overlapping behind a gap"); /* 150 */
	send_bytes(&flow, 300, 400);
	send_bytes(&flow, 250, 350);
	see_unread(fd);
	step("filled"); /* 400 */
	send_bytes(&flow, 120, 280);
	see_unread(fd);
	flow.snd_nxt = begin + SIZE;
	peer_is_acknowledged(&flow);
	step("read");
	see_receive(BY_RECV, fd, 1000, 0);
	see_receive(BY_RECV, fd, 1000, 0);
	see_unread(fd);
	return probe_end();
}
