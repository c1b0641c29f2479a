/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP socket whose datagram is too big for a link on the way, and what becomes of the next ones. */
#include "peer.h"

#include <fcntl.h>

enum { LONG = 1400, FIRST_FITS = 900, ALWAYS_FITS = 400 };

static unsigned char data[LONG];

static void say(int s, const struct flow *flow, size_t size)
{
	fence(NEAR);
	if (variant_is("state", "connected"))
		see_send(BY_SEND, s, data, size, 0, NULL);
	else
		see_send(BY_SENDTO, s, data, size, 0, &flow->far);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, variant_is("state", "connected"));
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	discover_mtu(s, variant("discover"));
	step("before");
	see_path_mtu(s);
	say(s, &flow, LONG);
	peer_gets_datagram(&flow);
	peer_tells_mtu(&flow, FROM_ROUTER, (int)variant_number("mtu"));
	fence(FAR);
	step("told");
	see_so_error(s);
	see_so_error(s);
	see_path_mtu(s);
	step("too big");
	say(s, &flow, LONG);
	see_path_mtu(s);
	step("not too big");
	say(s, &flow, FIRST_FITS);
	say(s, &flow, ALWAYS_FITS);
	return probe_end();
}
