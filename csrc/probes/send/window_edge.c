/* SPDX-License-Identifier: Apache-2.0 */
/* How far data is sent: the right edge of the peer's window as it stands, moves, is told anew, and shrinks. */
#include "peer.h"

enum { SEGMENT = 100, SIZE = 2000 };

/* An ACK of so many bytes of data that offers this window, numbered `behind` numbers before the next. */
static void offer(const struct flow *flow, unsigned acknowledged, uint16_t window, int32_t behind)
{
	struct flow offering = *flow;
	struct segment segment = {.flags = ACK, .seq_ahead = -behind};

	offering.rcv_nxt = flow->irs + 1 + acknowledged;
	offering.window = window;
	peer_sends_segment(&offering, &segment);
	settle();
}

int main(int argc, char **argv)
{
	static unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	flow.mss = SEGMENT;
	flow.window = 500;
	fd = open_prompt_to_peer(&flow);
	step("offered"); /* up to 500 */
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	peer_gets_data(&flow, 500);
	settle();
	step("acknowledged"); /* up to 500 */
	offer(&flow, 300, 200, 0);
	step("moved"); /* up to 800 */
	offer(&flow, 300, 500, 0);
	step("a little room"); /* up to 840 */
	offer(&flow, 300, 540, 0);
	step("old acknowledgment");
	offer(&flow, 200, 5000, 0);
	step("old number");
	offer(&flow, 300, 5000, 1);
	peer_gets_data(&flow, 300);
	step("shrunk"); /* up to 450: less than was sent */
	offer(&flow, 400, 50, 0);
	step("reopened");
	peer_offers(&flow, UINT16_MAX);
	peer_takes(&flow, SIZE - 800);
	settle();
	see_tcp_state(fd);
	return probe_end();
}
