/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a UDP socket before and after its first sendto(). */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_datagrams();
	s = see_socket(family(), SOCK_DGRAM, 0);
	step("before");
	see_both_names(s);
	step("sent");
	fence(NEAR);
	see_send(BY_SENDTO, s, "first", 5, 0, &flow.far);
	fence(NEAR);
	step("after");
	see_both_names(s);
	return probe_end();
}
