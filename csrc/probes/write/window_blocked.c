/* SPDX-License-Identifier: Apache-2.0 */
/* A write that waits behind the peer's closed window, and what ends it: space, a time limit, a signal. */
#include "peer.h"

#include <signal.h>
#include <sys/time.h>

enum { SIZE = 16384, PART = 300, LIMIT_US = 30000 };

static unsigned char data[SIZE];

static void let_through(struct flow *flow, struct sender *sender)
{
	step("part");
	peer_offers(flow, PART);
	peer_gets_data(flow, PART);
	settle();
	see_sender_asleep(sender);
	step("opened");
	peer_offers(flow, UINT16_MAX);
	peer_takes(flow, SIZE - PART);
	sleeper_end(&sender->sleeper);
}

/* What was taken until the signal, or until the time was up, is sent when the window opens. */
static void let_out(struct flow *flow, struct sender *sender)
{
	if (variant_is("end", "signal"))
		sleeper_signal(&sender->sleeper, SIGUSR1);
	note_number("by itself", sleeper_end(&sender->sleeper));
	step("opened");
	peer_offers(flow, UINT16_MAX);
	peer_takes(flow, sender->result > 0 ? (size_t)sender->result : 0);
	settle();
}

int main(int argc, char **argv)
{
	struct timeval limit = {.tv_usec = LIMIT_US};
	struct sender sender;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	pattern_fill(data, sizeof data, 0, 0);
	fd = open_blocked_flow(&flow);
	if (variant_is("end", "timeout"))
		must(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
	step("closed");
	sender_start(&sender, writer(), fd, data, sizeof data, 0);
	if (!variant_is("end", "timeout"))
		see_sender_asleep(&sender);
	settle();
	if (variant_is("end", "space"))
		let_through(&flow, &sender);
	else
		let_out(&flow, &sender);
	settle();
	return probe_end();
}
