/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking connect() while the peer holds its SYN+ACK back, and when it has sent it. */
#include "peer.h"

#include <poll.h>

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	note_name("server", &flow.far);

	step("requested");
	s = see_connect_begin(&flow);
	see_poll(s, POLLIN | POLLOUT, 0);
	see_so_error(s);
	see_both_names(s);

	step("again");
	fence(NEAR);
	see_connect(s, &flow.far);
	fence(NEAR);

	step("answered");
	peer_sends(&flow, SYN | ACK);
	see_connect_end(s);
	peer_gets(&flow, ACK);
	see_both_names(s);
	fence(NEAR);
	return probe_end();
}
