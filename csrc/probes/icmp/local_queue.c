/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram longer than the link's MTU that must not be fragmented, with an error queue to tell of it. */
#include "peer.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	enum { LONG = 1600 };
	unsigned char data[LONG];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, variant_is("state", "connected"));
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	set_recverr(s);
	discover_mtu(s, "do");
	fence(NEAR);
	if (variant_is("state", "connected"))
		see_send(BY_SEND, s, data, sizeof data, 0, NULL);
	else
		see_send(BY_SENDTO, s, data, sizeof data, 0, &flow.far);
	fence(NEAR);
	see_error_queue(s);
	see_error_queue(s);
	return probe_end();
}
