/* SPDX-License-Identifier: Apache-2.0 */
/* An ICMP error about a datagram, and which calls on its UDP socket then tell of it. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>

enum { SHORT = 32 };

static unsigned char data[SHORT];

static bool is_connected(void)
{
	return variant_is("state", "connected");
}

static ssize_t say(int s, const struct flow *flow)
{
	if (is_connected())
		return see_send(BY_SEND, s, data, sizeof data, 0, NULL);
	return see_send(BY_SENDTO, s, data, sizeof data, 0, &flow->far);
}

static void tell(int type, int code)
{
	struct flow flow;
	int s = open_datagrams(&flow, false);

	must(fcntl(s, F_SETFL, O_NONBLOCK));
	if (variant_is("option", "recverr"))
		set_recverr(s);
	if (is_connected())
		see_connect(s, &flow.far);
	say(s, &flow);
	peer_gets_datagram(&flow);
	peer_sends_error(&flow, sender_of_error(), type, code, 0);
	fence(FAR);
	see_poll(s, POLLIN | POLLOUT, 0);
	see_so_error(s);
	see_so_error(s);
	if (variant_is("option", "recverr")) {
		see_error_queue(s);
		see_error_queue(s);
	}
	see_receive_now(BY_RECV, s, SHORT);
	say(s, &flow);
	peer_gets_datagram(&flow);
	must(close(s));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	each_error("errors", tell);
	return probe_end();
}
