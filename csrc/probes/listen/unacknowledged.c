/* SPDX-License-Identifier: Apache-2.0 */
/* The ACK of a SYN+ACK is lost: the peer sends nothing, and then data. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_polled_listener(5);
	peer_begins(&flow, listener);

	step("silence");
	waits("the retransmission of the SYN+ACK");
	peer_gets_again(&flow);
	see_queue(listener);

	step("data");
	peer_sends_data(&flow, "hello", 5);
	s = see_accept_soon(listener);
	see_receive_soon(BY_RECV, s, SAID);
	return probe_end();
}
