/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a connection that this side, the peer, or both at once close, and the last FIN once more. */
#include "peer.h"

static void see_state(const char *state, int fd)
{
	step("%s", state);
	see_tcp_state(fd);
}

/* Once the connection is over, what the peer's FIN is answered with when it comes again. */
static void see_answer(struct flow *flow)
{
	step("FIN again");
	peer_sends_fin_again(flow);
}

static void see_near_close(int fd, struct flow *flow)
{
	see_shutdown(fd, SHUT_WR);
	peer_gets(flow, FIN);
}

static void close_actively(int fd, struct flow *flow)
{
	see_near_close(fd, flow);
	see_state("FIN-WAIT-1", fd);
	peer_sends(flow, ACK);
	fence(FAR);
	see_state("FIN-WAIT-2", fd);
	peer_sends(flow, FIN | ACK);
	peer_is_acknowledged(flow);
}

static void close_passively(int fd, struct flow *flow)
{
	peer_sends(flow, FIN | ACK);
	peer_is_acknowledged(flow);
	see_state("CLOSE-WAIT", fd);
	see_near_close(fd, flow);
	see_state("LAST-ACK", fd);
	peer_sends(flow, ACK);
	fence(FAR);
	see_state("CLOSED", fd);
}

static void close_at_once(int fd, struct flow *flow)
{
	see_near_close(fd, flow);
	see_state("FIN-WAIT-1", fd);
	peer_fin_crosses(flow);
	peer_is_acknowledged(flow);
	see_state("CLOSING", fd);
	peer_sends(flow, ACK);
	fence(FAR);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_invalid_ratelimit", 0);
	fd = open_flow("near", &flow);
	see_state("ESTABLISHED", fd);
	if (variant_is("way", "active"))
		close_actively(fd, &flow);
	else if (variant_is("way", "passive"))
		close_passively(fd, &flow);
	else if (variant_is("way", "simultaneous"))
		close_at_once(fd, &flow);
	else
		fault("the variant's way=%s is not one of its choices", variant("way"));
	see_answer(&flow);
	return probe_end();
}
