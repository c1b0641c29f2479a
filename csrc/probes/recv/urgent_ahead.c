/* SPDX-License-Identifier: Apache-2.0 */
/* An urgent pointer that comes before the byte that it is about, again, and then another. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

static void see_state(int s)
{
	fence(FAR);
	note_number("signals", signals_caught());
	see_receive(BY_RECV, s, 1, MSG_OOB | MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	static const struct segment announced = {
		.flags = ACK | PSH | URG, .urgent = 5, .data = "ab", .size = 2};
	static const struct segment again = {
		.flags = ACK | PSH | URG, .urgent = 3, .data = "c", .size = 1};
	static const struct segment advanced = {
		.flags = ACK | PSH | URG, .urgent = 6, .data = "d!ef", .size = 4};
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady(&flow);
	catch_signal(SIGURG, SA_RESTART);
	must(fcntl(s, F_SETOWN, getpid()));

	step("announced");
	peer_sends_segment(&flow, &announced);
	flow.snd_nxt += announced.size;
	see_state(s);
	see_sockatmark(s);
	step("the same again");
	peer_sends_segment(&flow, &again);
	flow.snd_nxt += again.size;
	see_state(s);
	step("advanced");
	peer_sends_segment(&flow, &advanced);
	flow.snd_nxt += advanced.size;
	see_state(s);
	step("arrived");
	peer_sends_data(&flow, "g?h", 3);
	see_state(s);
	see_receive_now(BY_RECV, s, 64);
	see_sockatmark(s);
	fence(NEAR);
	return probe_end();
}
