/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection in TIME-WAIT, which a server closed first, does with a SYN or RST of the same ports. */
#include "peer.h"

/* The client's next connection, with an initial sequence number so far ahead. */
static struct flow next_call(const struct flow *flow, int32_t distance)
{
	struct flow next = *flow;

	next.iss = next.snd_nxt = next.acked = flow->snd_nxt + (uint32_t)distance;
	next.irs = next.rcv_nxt;
	return next;
}

static void call_again(int listener, const struct flow *flow)
{
	struct flow next = next_call(flow, variant_is("segment", "new-syn") ? 100000 : -100000);

	peer_sends(&next, SYN);
	peer_gets(&next, 0);
	fence(NEAR);
	if (!(next.got.flags & SYN))
		return;
	peer_sends(&next, ACK);
	see_accept(listener, NULL);
}

static void reset(struct flow *flow)
{
	peer_sends(flow, RST);
	settle();
	step("FIN again");
	peer_sends_fin_again(flow);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int listener;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	if (variant_is("segment", "rst"))
		set_sysctl("ipv4/tcp_rfc1337", variant_number("rfc1337"));
	listener = open_listener(NEAR, 4);
	fd = accept_from_peer(listener, &flow);
	note_name("near", &flow.near);
	note_name("far", &flow.far);
	must(close(fd));
	peer_gets(&flow, FIN);
	peer_sends(&flow, FIN | ACK);
	peer_is_acknowledged(&flow);
	fence(NEAR);
	step("%s", variant("segment"));
	if (variant_is("segment", "rst"))
		reset(&flow);
	else
		call_again(listener, &flow);
	return probe_end();
}
