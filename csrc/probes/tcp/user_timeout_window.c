/* SPDX-License-Identifier: Apache-2.0 */
/* TCP_USER_TIMEOUT while data wait for a window that stays closed, its probes answered or not. */
#include "peer.h"

enum { RTO_MS = 50, LIMIT_MS = 300, BUFFER = 4096, LOOKS = 64, LOOK_MS = 100 };

static unsigned char data[SAID];

/* The peer meets each probe of its window, until the thread's call is over. */
static void answer_until(struct sleeper *sleeper, struct flow *flow)
{
	bool answers = variant_is("probes", "answered");

	for (int i = 0; i < LOOKS && !sleeper_done(sleeper); i++) {
		if (!peer_gets_soon(flow, ACK, LOOK_MS))
			continue;
		flow->rcv_nxt = flow->irs + 1; /* whatever a probe brings has no room */
		if (answers)
			peer_sends(flow, ACK);
	}
	sleeper_end(sleeper);
}

static void see_recv_end(int fd, struct flow *flow)
{
	struct receiver receiver;

	see_speak(fd, 0);
	receiver_start(&receiver, "reader", BY_RECV, fd, SAID, 0);
	see_receiver_asleep(&receiver);
	waits("data wait for the window as long as TCP_USER_TIMEOUT says");
	answer_until(&receiver.sleeper, flow);
}

static void see_send_end(int fd, struct flow *flow)
{
	struct sender sender;

	set_option(fd, SOL_SOCKET, SO_SNDBUF, BUFFER);
	while (send(fd, data, sizeof data, MSG_DONTWAIT) > 0)
		;
	sender_start(&sender, BY_SEND, fd, data, sizeof data, MSG_NOSIGNAL);
	see_sender_asleep(&sender);
	waits("data wait for the window as long as TCP_USER_TIMEOUT says");
	answer_until(&sender.sleeper, flow);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	hurry_retransmissions(RTO_MS);
	note_number("limit_ns", LIMIT_MS * INT64_C(1000000));
	flow = peer_listens();
	flow.window = 0;
	fd = open_to_peer(&flow);
	limit_silence(fd, LIMIT_MS);
	if (variant_is("told_by", "send"))
		see_send_end(fd, &flow);
	else
		see_recv_end(fd, &flow);
	see_tcp_state(fd);
	fence(NEAR);
	return probe_end();
}
