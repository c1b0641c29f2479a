/* SPDX-License-Identifier: Apache-2.0 */
/* The peer resets what a connect() asks for, and would accept when the same socket asks again. */
#include "peer.h"

#include <fcntl.h>

static void see_blocking(struct flow *flow, int s)
{
	struct connector client;

	connector_start(&client, s, &flow->far);
	peer_gets(flow, SYN);
	see_asleep(&client.sleeper, "connect");
	peer_sends(flow, RST | ACK);
	sleeper_join(&client.sleeper);
}

static void see_nonblocking(struct flow *flow, int s)
{
	see_connect(s, &flow->far);
	peer_gets(flow, SYN);
	peer_sends(flow, RST | ACK);
	see_connect_end(s);
	see_so_error(s);
}

int main(int argc, char **argv)
{
	struct flow again;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_listens();
	again = peer_listens();
	s = open_socket(NEAR, SOCK_STREAM);

	step("reset");
	if (variant_is("mode", "blocking")) {
		see_blocking(&flow, s);
	} else {
		must(fcntl(s, F_SETFL, O_NONBLOCK));
		see_nonblocking(&flow, s);
	}
	settle();

	step("again");
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	if (see_connect(s, &again.far) && errno != EINPROGRESS)
		see_connect(s, &again.far);
	if (errno != EINPROGRESS)
		return probe_end();
	peer_gets(&again, SYN);
	peer_sends(&again, SYN | ACK);
	see_connect_end(s);
	return probe_end();
}
