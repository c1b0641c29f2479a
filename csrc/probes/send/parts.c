/* SPDX-License-Identifier: Apache-2.0 */
/* A call with several buffers, which together are less than a segment. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1, 10, 3, 50, 2};
	unsigned char data[66];
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	set_option(s, IPPROTO_TCP, TCP_NODELAY, 1);
	pattern_fill(data, sizeof data, 0, 1);
	fence(NEAR);
	see_send_parts(writer(), s, data, sizes, sizeof sizes / sizeof sizes[0], 0);
	fence(NEAR);
	return probe_end();
}
