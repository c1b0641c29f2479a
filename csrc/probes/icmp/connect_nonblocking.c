/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking connect() whose SYN is answered by an ICMP error, and only then by the peer. */
#include "peer.h"

#include <poll.h>

static void answer(int type, int code)
{
	struct flow flow = peer_listens();
	int s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	if (variant_is("option", "recverr"))
		set_recverr(s);
	see_connect(s, &flow.far);
	peer_gets(&flow, SYN);
	peer_sends_error(&flow, sender_of_error(), type, code, 0);
	fence(FAR);
	see_poll(s, POLLIN | POLLOUT, 0);
	see_so_error(s);
	see_so_error(s);
	if (variant_is("option", "recverr"))
		see_error_queue(s);
	peer_sends(&flow, SYN | ACK);
	fence(FAR);
	see_tcp_state(s);
	must(close(s));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	each_error("errors", answer);
	return probe_end();
}
