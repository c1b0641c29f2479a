/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that is given up since its data are never acknowledged, beside others that are not. */
#include "peer.h"

#include <poll.h>
#include <signal.h>

enum { RTO_MS = 50, LIMIT_MS = 500, ENDS_MS = 3000 };

/* recv() that is asleep by then is told, or else poll(). */
static void see_end(int fd)
{
	struct receiver receiver;

	if (variant_is("told_by", "recv")) {
		receiver_start(&receiver, "reader", BY_RECV, fd, SAID, 0);
		see_receiver_asleep(&receiver);
		waits("some retransmissions in vain");
		await_end(fd);
		sleeper_end(&receiver.sleeper);
		return;
	}
	waits("some retransmissions in vain");
	see_poll(fd, POLLIN, ENDS_MS);
	see_so_error(fd);
}

static void see_after(int fd)
{
	step("after");
	see_poll(fd, POLLIN | POLLOUT, 0);
	see_so_error(fd);
	see_receive_now(BY_RECV, fd, SAID);
	catch_signal(SIGPIPE, 0);
	see_speak(fd, 1);
	note_number("sigpipe", signals_caught());
	see_tcp_state(fd);
}

int main(int argc, char **argv)
{
	struct flow heard;
	struct flow flow;
	struct flow other;
	int heard_fd;
	int other_fd;
	int fd;

	probe_begin(argc, argv);
	hurry_retransmissions(RTO_MS);
	note_number("rto_ns", RTO_MS * INT64_C(1000000));
	note_number("limit_ns", LIMIT_MS * INT64_C(1000000));
	heard_fd = open_flow("acknowledged", &heard);
	fd = open_flow("given up", &flow);
	other_fd = open_flow("other", &other);
	limit_silence(fd, LIMIT_MS);

	step("said");
	see_speak(heard_fd, 0);
	peer_takes(&heard, SAID);
	see_speak(fd, 0);
	peer_gets_data(&flow, SAID);
	see_speak(other_fd, 0);
	peer_gets_data(&other, SAID);
	fence(FAR);
	see_end(fd);
	see_tcp_state(other_fd);
	see_after(fd);

	step("late");
	fence(NEAR);
	peer_sends_data(&flow, "hello", 5);
	peer_gets(&flow, RST);
	peer_sends(&other, ACK);
	fence(FAR);
	fence(NEAR);
	return probe_end();
}
