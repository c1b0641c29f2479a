/* SPDX-License-Identifier: Apache-2.0 */
/* The peer sends data with an urgent pointer behind the last byte; all the ways to learn of it. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

static void see_urgent_byte(int s, int flags)
{
	see_receive(BY_RECV, s, 16, MSG_OOB | MSG_DONTWAIT | flags);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady_flow(&flow);
	catch_signal(SIGURG, SA_RESTART);
	if (variant_is("owner", "yes"))
		see_fcntl(s, "F_SETOWN", F_SETOWN, getpid());
	if (variant_is("inline", "yes"))
		see_setsockopt(s, SOL_SOCKET, "SO_OOBINLINE", SO_OOBINLINE, 1);

	step("nothing");
	see_poll(s, POLLPRI, 0);
	see_select_exceptional(s);
	see_sockatmark(s);
	see_urgent_byte(s, 0);

	step("urgent");
	peer_sends_urgent(&flow, "abc!", 4, 4);
	fence(FAR);
	see_poll(s, POLLPRI, 0);
	see_select_exceptional(s);
	note_number("signals", signals_caught());
	see_sockatmark(s);

	step("before the mark");
	see_receive_now(BY_RECV, s, 64);
	see_sockatmark(s);
	see_sockatmark(s);

	step("peek");
	see_urgent_byte(s, MSG_PEEK);
	step("out of band");
	see_urgent_byte(s, 0);
	step("again");
	see_urgent_byte(s, 0);

	step("behind");
	peer_sends_data(&flow, "def", 3);
	fence(FAR);
	see_receive_now(BY_RECV, s, 64);
	see_sockatmark(s);
	fence(NEAR);
	return probe_end();
}
