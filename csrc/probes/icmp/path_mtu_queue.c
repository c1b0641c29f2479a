/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the path's MTU, and the error queue of the UDP socket that it is about. */
#include "peer.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	enum { LONG = 1400 };
	unsigned char data[LONG];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, variant_is("state", "connected"));
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	set_recverr(s);
	discover_mtu(s, "do");
	must(sendto(s, data, sizeof data, 0,
		    variant_is("state", "connected") ? NULL : &flow.far.any,
		    variant_is("state", "connected") ? 0 : flow.far.length));
	peer_gets_datagram(&flow);
	peer_tells_mtu(&flow, FROM_ROUTER, (int)variant_number("mtu"));
	fence(FAR);
	step("told");
	see_error_queue(s);
	return probe_end();
}
