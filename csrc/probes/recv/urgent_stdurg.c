/* SPDX-License-Identifier: Apache-2.0 */
/* The urgent pointer of what the peer sends, as the host's setting tcp_stdurg has it read. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_stdurg", variant_number("stdurg"));
	s = open_steady_flow(&flow);
	peer_sends_urgent(&flow, "abcdef", 6, 3);
	fence(FAR);
	see_receive(BY_RECV, s, 1, MSG_OOB | MSG_DONTWAIT);
	fence(NEAR);
	return probe_end();
}
