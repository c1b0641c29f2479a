/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's SYN, or its SYN+ACK, has some options; what the near host's segments have then. */
#include "peer.h"

static const unsigned char timestamp[] = {8, 10, 0x01, 0x02, 0x03, 0x04, 0, 0, 0, 0, 1, 1};
static const unsigned char sack_permitted[] = {4, 2, 1, 1};
static const unsigned char window_scale[] = {3, 3, 7, 1};
static const unsigned char nobody_knows[] = {222, 6, 1, 2, 3, 4, 1, 1};

static void add_options(struct flow *flow)
{
	bool all = variant_is("options", "all");

	if (all || variant_is("options", "timestamp"))
		add_syn_option(flow, timestamp, sizeof timestamp);
	if (all || variant_is("options", "sack"))
		add_syn_option(flow, sack_permitted, sizeof sack_permitted);
	if (all || variant_is("options", "scale"))
		add_syn_option(flow, window_scale, sizeof window_scale);
	if (all || variant_is("options", "unknown"))
		add_syn_option(flow, nobody_knows, sizeof nobody_knows);
}

static void peer_opens(struct flow *flow)
{
	int listener = open_listener(NEAR, 8);

	*flow = peer_calls(listener);
	add_options(flow);
	peer_sends(flow, SYN);
	peer_gets(flow, SYN | ACK);
}

static void near_opens(struct flow *flow)
{
	int s = open_steady_socket();

	*flow = peer_listens();
	add_options(flow);
	connect_to_peer(s, flow);
	see_send(BY_WRITE, s, "data", 4, 0, NULL);
	peer_gets_data(flow, 4);
}

int main(int argc, char **argv)
{
	struct flow flow;

	probe_begin(argc, argv);
	if (variant_is("opens", "peer"))
		peer_opens(&flow);
	else
		near_opens(&flow);
	fence(NEAR);
	return probe_end();
}
