/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking connect() while the peer holds its SYN+ACK back, and when it has sent it. */
#include "peer.h"

#include <poll.h>

static void see_names(int s)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);

	see_getsockname(s, &local);
	see_getpeername(s, &peer);
}

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
	see_names(s);

	step("again");
	fence(NEAR);
	see_connect(s, &flow.far);
	fence(NEAR);

	step("answered");
	peer_sends(&flow, SYN | ACK);
	see_connect_end(s);
	peer_gets(&flow, ACK);
	see_names(s);
	fence(NEAR);
	return probe_end();
}
