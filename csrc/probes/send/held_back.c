/* SPDX-License-Identifier: Apache-2.0 */
/* Data that TCP holds back, and then something happens that may let them go. */
#include "peer.h"

#include <netinet/tcp.h>

/* By Nagle's algorithm behind one byte that is not acknowledged, by TCP_CORK, or by both. */
static void hold_back(int s, struct flow *flow)
{
	if (!variant_is("held", "cork")) {
		see_send(BY_WRITE, s, "a", 1, 0, NULL);
		peer_gets_data(flow, 1);
	}
	if (variant_is("held", "nagle"))
		return;
#ifdef TCP_CORK
	see_setsockopt(s, IPPROTO_TCP, "TCP_CORK", TCP_CORK, 1);
#else
	unsupported("TCP_CORK", 0);
#endif
}

static void let_go(int s)
{
	if (variant_is("by", "nodelay"))
		see_setsockopt(s, IPPROTO_TCP, "TCP_NODELAY", TCP_NODELAY, 1);
	else if (variant_is("by", "close"))
		see_close(s);
	else if (variant_is("by", "shutdown"))
		see_shutdown(s, SHUT_WR);
	else
		fault("nothing is done by %s", variant("by"));
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	hold_back(s, &flow);
	step("held back");
	fence(NEAR);
	see_send(BY_WRITE, s, "bc", 2, 0, NULL);
	fence(NEAR);
	step("let go");
	fence(NEAR);
	let_go(s);
	fence(NEAR);
	return probe_end();
}
