/* SPDX-License-Identifier: Apache-2.0 */
/* An urgent pointer that comes before the byte that it is about, again, and then another. */
#include "peer.h"

#include <fcntl.h>
#include <signal.h>

static void see_state(int s)
{
	fence(FAR);
	note_number("signals", signals_caught());
	see_receive(BY_RECV, s, 1, MSG_OOB | MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	catch_signal(SIGURG, SA_RESTART);
	must(fcntl(s, F_SETOWN, getpid()));

	step("announced");
	peer_sends_urgent(&flow, "ab", 2, 5);
	see_state(s);
	see_sockatmark(s);
	step("the same again");
	peer_sends_urgent(&flow, "c", 1, 3);
	see_state(s);
	step("advanced");
	peer_sends_urgent(&flow, "d!ef", 4, 6);
	see_state(s);
	step("arrived");
	peer_sends_data(&flow, "g?h", 3);
	see_state(s);
	see_receive_now(BY_RECV, s, 64);
	see_sockatmark(s);
	fence(NEAR);
	return probe_end();
}
