/* SPDX-License-Identifier: Apache-2.0 */
/* send() with MSG_OOB, as the peer gets it. */
#include "peer.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_stdurg", variant_number("stdurg"));
	s = open_steady_flow(&flow);
	set_option(s, IPPROTO_TCP, TCP_NODELAY, 1);
	step("before");
	fence(NEAR);
	see_send(writer(), s, "ab", 2, 0, NULL);
	fence(NEAR);
	step("urgent");
	fence(NEAR);
	see_send(writer(), s, "cd!", 3, MSG_OOB, NULL);
	fence(NEAR);
	peer_gets_data(&flow, 5);
	peer_sends(&flow, ACK);
	fence(FAR);
	step("behind");
	fence(NEAR);
	see_send(writer(), s, "ef", 2, 0, NULL);
	fence(NEAR);
	return probe_end();
}
