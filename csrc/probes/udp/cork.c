/* SPDX-License-Identifier: Apache-2.0 */
/* UDP_CORK: several writes, and then the option is cleared. */
#include "peer.h"

#include <netinet/udp.h>

int main(int argc, char **argv)
{
#ifdef UDP_CORK
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_datagrams(&flow, true);
	see_setsockopt(s, IPPROTO_UDP, "UDP_CORK", UDP_CORK, 1);
	step("corked");
	fence(NEAR);
	see_send(BY_SEND, s, "one, ", 5, 0, NULL);
	see_send(BY_WRITE, s, "two, ", 5, 0, NULL);
	see_send(BY_SEND, s, "three", 5, 0, NULL);
	fence(NEAR);
	step("pulled");
	fence(NEAR);
	see_setsockopt(s, IPPROTO_UDP, "UDP_CORK", UDP_CORK, 0);
	fence(NEAR);
	step("the next");
	fence(NEAR);
	see_send(BY_SEND, s, "four", 4, 0, NULL);
	fence(NEAR);
#else
	probe_begin(argc, argv);
	unsupported("UDP_CORK", 0);
#endif
	return probe_end();
}
