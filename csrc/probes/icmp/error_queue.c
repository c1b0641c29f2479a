/* SPDX-License-Identifier: Apache-2.0 */
/* Three ICMP errors about datagrams to two addresses, from one unconnected socket with an error queue. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>

enum { SHORT = 32, DATAGRAMS = 3 };

static struct flow flows[DATAGRAMS];

static void send_all_of_them(int s)
{
	unsigned char data[SHORT];

	for (unsigned i = 0; i < DATAGRAMS; i++) {
		flows[i] = peer_datagrams_to(s);
		note_name("sent to", &flows[i].far);
		pattern_fill(data, sizeof data, 0, i);
		must(sendto(s, data, sizeof data, 0, &flows[i].far.any, flows[i].far.length));
		peer_gets_datagram(&flows[i]);
	}
}

/* Port unreachable, no route, time exceeded: three numbers of errno, or at least two. */
static void answer_by_errors(void)
{
	bool inet = family() == AF_INET;

	peer_sends_error(&flows[0], FROM_ROUTER, inet ? 3 : 1, inet ? 3 : 4, 0);
	peer_sends_error(&flows[1], FROM_PEER, inet ? 3 : 1, 0, 0);
	peer_sends_error(&flows[2], FROM_ROUTER, inet ? 11 : 3, 0, 0);
	fence(FAR);
}

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	s = open_bound(NEAR, SOCK_DGRAM);
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	set_recverr(s);
	send_all_of_them(s);
	answer_by_errors();
	for (int i = 0; i <= DATAGRAMS; i++) {
		if (variant_is("between", "recv"))
			see_receive_now(BY_RECV, s, SHORT);
		see_poll(s, POLLIN, 0);
		see_error_queue(s);
	}
	return probe_end();
}
