/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call that waits when the peer's FIN or RST comes, in a state of the connection. */
#include "peer.h"

static void end_by_peer(struct flow *flow)
{
	if (variant_is("by_peer", "fin"))
		peer_sends(flow, FIN | ACK);
	else
		peer_sends(flow, RST | ACK);
}

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	bring_to(variant("state"), fd, &flow);
	step("waiting");
	receiver_start(&receiver, "reader", reader(), fd, SAID, 0);
	see_receiver_asleep(&receiver);
	end_by_peer(&flow);
	sleeper_end(&receiver.sleeper);
	step("again");
	see_receive_now(reader(), fd, SAID);
	return probe_end();
}
