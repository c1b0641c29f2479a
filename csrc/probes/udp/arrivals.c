/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of several sizes come in a row, one of no bytes among them; then some that do not fit the buffer. */
#include "peer.h"

static const size_t sizes[] = {1, 0, 100, 1400};

static void peer_sends_pattern(const struct flow *flow, size_t size, unsigned seed)
{
	unsigned char data[IPV4_MSS];

	pattern_fill(data, size, 0, seed);
	peer_sends_datagram(flow, data, size);
}

int main(int argc, char **argv)
{
	const size_t count = sizeof sizes / sizeof sizes[0];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, false);
	step("in a row");
	for (unsigned i = 0; i < count; i++)
		peer_sends_pattern(&flow, sizes[i], i);
	fence(FAR);
	for (unsigned i = 0; i <= count; i++)
		see_receive_now(reader(), s, 2000);

	step("too long");
	peer_sends_pattern(&flow, 100, 7);
	fence(FAR);
	see_receive_now(reader(), s, 10);
	see_receive_now(reader(), s, 2000);

	step("real length");
	peer_sends_pattern(&flow, 100, 8);
	fence(FAR);
	see_receive(BY_RECV, s, 10, MSG_TRUNC | MSG_DONTWAIT);

	step("told");
	peer_sends_pattern(&flow, 100, 9);
	fence(FAR);
	see_receive(BY_RECVMSG, s, 10, MSG_DONTWAIT);
	fence(NEAR);
	return probe_end();
}
