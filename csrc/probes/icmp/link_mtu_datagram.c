/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams as long as the link's MTU lets them be, and one byte longer. */
#include "peer.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	enum { UDP_HEADER = 8, IPV4_HEADER = 20, IPV6_HEADER = 40 };
	unsigned char data[LINK_MTU];
	struct flow flow;
	size_t fits;
	int s;

	probe_begin(argc, argv);
	fits = LINK_MTU - UDP_HEADER - (family() == AF_INET ? IPV4_HEADER : IPV6_HEADER);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, true);
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	discover_mtu(s, variant("discover"));
	see_path_mtu(s);
	step("fits");
	fence(NEAR);
	see_send(BY_SEND, s, data, fits, 0, NULL);
	fence(NEAR);
	step("longer");
	fence(NEAR);
	see_send(BY_SEND, s, data, fits + 1, 0, NULL);
	fence(NEAR);
	see_so_error(s);
	return probe_end();
}
