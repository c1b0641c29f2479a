/* SPDX-License-Identifier: Apache-2.0 */
/* An ICMP error about data of an established TCP connection, which is then used in both directions. */
#include "peer.h"

static void tell(int type, int code)
{
	struct flow flow = peer_listens();
	unsigned char data[SAID];
	int s = open_to_peer(&flow);

	if (variant_is("option", "recverr"))
		set_recverr(s);
	pattern_fill(data, sizeof data, 0, 2);
	see_speak(s, 1);
	peer_gets_data(&flow, SAID);
	peer_sends_error(&flow, sender_of_error(), type, code, 0);
	fence(FAR);
	if (variant_is("first", "recv"))
		see_receive_now(BY_RECV, s, SAID);
	see_so_error(s);
	see_so_error(s);
	if (variant_is("option", "recverr"))
		see_error_queue(s);
	see_tcp_state(s);
	peer_sends_data(&flow, data, sizeof data);
	see_arrival(s, SAID);
	see_speak(s, 3);
	peer_gets_data(&flow, SAID);
	must(close(s));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	each_error("errors", tell);
	return probe_end();
}
