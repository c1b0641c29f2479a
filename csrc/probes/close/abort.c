/* SPDX-License-Identifier: Apache-2.0 */
/* close() with SO_LINGER and a time of zero, in a state of the connection, with data that wait for a window. */
#include "peer.h"

/* Only where the near end has not closed. */
static bool may_send(void)
{
	return variant_is("state", "established") || variant_is("state", "close-wait");
}

static void queue_data(int fd, struct flow *flow)
{
	peer_offers(flow, 0);
	fence(FAR);
	see_speak(fd, 0);
	flow->window = UINT16_MAX;
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	fd = open_flow("near", &flow);
	bring_to(variant("state"), fd, &flow);
	if (may_send())
		queue_data(fd, &flow);
	see_set_linger(fd, 1, 0);
	fence(NEAR);
	step("close");
	see_close(fd);
	fence(NEAR);
	step("afterwards");
	if (may_send()) {
		peer_sends(&flow, ACK); /* opens the window */
		fence(FAR);
	}
	peer_sends_fin_again(&flow);
	return probe_end();
}
