/* SPDX-License-Identifier: Apache-2.0 */
/* Data that are never acknowledged, with the most retransmissions told, of a socket that is open or closed. */
#include "peer.h"

#include <poll.h>

enum { RETRIES = 1, RTO_MS = 50, ENDS_MS = 4000 };

static const char reason[] = "retransmissions in vain";

static void see_open_end(int fd)
{
	waits(reason);
	see_poll(fd, POLLIN, ENDS_MS);
	see_so_error(fd);
}

static void see_closed_end(int fd, struct flow *flow)
{
	see_close(fd);
	peer_gets(flow, FIN);
	flow->rcv_nxt = flow->irs + 1; /* the peer has nothing of it */
	waits(reason);
	peer_asks_until_reset(flow);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	set_sysctl(variant_is("socket", "closed") ? "ipv4/tcp_orphan_retries" : "ipv4/tcp_retries2",
		   RETRIES);
	hurry_retransmissions(RTO_MS);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	note_number("retries", RETRIES);
	fd = open_flow("near", &flow);
	see_speak(fd, 0);
	peer_gets_data(&flow, SAID);
	step("silence");
	if (variant_is("socket", "closed"))
		see_closed_end(fd, &flow);
	else
		see_open_end(fd);
	fence(NEAR);
	return probe_end();
}
