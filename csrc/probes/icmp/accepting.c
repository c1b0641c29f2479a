/* SPDX-License-Identifier: Apache-2.0 */
/* An ICMP error about the SYN+ACK of a listener, whose handshake the peer then completes. */
#include "peer.h"

#include <fcntl.h>

static int listener;

static void tell(int type, int code)
{
	struct flow flow = peer_calls(listener);
	struct name peer = name_filled(0, sizeof peer.storage);
	int s;

	peer_sends(&flow, SYN);
	peer_gets(&flow, SYN | ACK);
	peer_sends_error(&flow, sender_of_error(), type, code, 0);
	fence(FAR);
	peer_sends(&flow, ACK);
	fence(FAR);
	see_so_error(listener);
	s = see_accept(listener, &peer);
	if (s >= 0)
		must(close(s));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	listener = open_listener(NEAR, 16);
	must(fcntl(listener, F_SETFL, O_NONBLOCK));
	each_error("errors", tell);
	return probe_end();
}
