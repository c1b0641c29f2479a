/* SPDX-License-Identifier: Apache-2.0 */
/* Keep-alive probes that the peer leaves without an answer. */
#include "peer.h"

#include <poll.h>
#include <signal.h>

enum { IDLE_S = 1, INTERVAL_S = 1, ENDS_MS = 4000 };

static const char reason[] = "an idle time and an interval of 1 s are the shortest";

static void see_end(int fd)
{
	struct receiver receiver;

	if (variant_is("told_by", "write")) {
		waits(reason);
		see_poll(fd, POLLIN, ENDS_MS);
		return;
	}
	receiver_start(&receiver, "reader", BY_RECV, fd, SAID, 0);
	see_receiver_asleep(&receiver);
	waits(reason);
	await_end(fd);
	sleeper_end(&receiver.sleeper);
}

int main(int argc, char **argv)
{
	long user_timeout_ms;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	user_timeout_ms = variant_number("user_timeout_ms");
	fd = open_flow("near", &flow);
	keep_alive(fd, IDLE_S, INTERVAL_S, (int)variant_number("count"));
	if (user_timeout_ms)
		limit_silence(fd, (int)user_timeout_ms);
	catch_signal(SIGPIPE, 0);
	see_setsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, 1);
	fence(FAR);
	see_end(fd);
	step("after");
	see_speak(fd, 0);
	note_number("sigpipe", signals_caught());
	see_so_error(fd);
	see_tcp_state(fd);
	fence(NEAR);
	peer_sends_data(&flow, "hello", 5);
	peer_gets(&flow, RST);
	fence(NEAR);
	return probe_end();
}
