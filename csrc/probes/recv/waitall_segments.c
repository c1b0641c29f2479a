/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_WAITALL while the data comes in pieces, and what ends the wait: the last piece, or something else. */
#include "peer.h"

#include <signal.h>
#include <sys/time.h>

enum { WANTED = 10, PIECE = 4, LIMIT_US = 30000 };

static void end_wait(struct flow *flow, struct receiver *receiver, const unsigned char *rest)
{
	if (variant_is("end", "rest"))
		peer_sends_data(flow, rest, WANTED - PIECE);
	else if (variant_is("end", "fin"))
		peer_sends(flow, FIN | ACK);
	else if (variant_is("end", "reset"))
		peer_sends(flow, RST | ACK);
	else
		sleeper_signal(&receiver->sleeper, SIGUSR1);
}

static void wait_for_rest(struct flow *flow, int fd, const unsigned char *data)
{
	struct receiver receiver;

	step("nothing");
	receiver_start(&receiver, "reader", reader(), fd, WANTED, MSG_WAITALL);
	see_receiver_asleep(&receiver);
	step("a piece");
	peer_sends_data(flow, data, PIECE);
	settle();
	see_receiver_asleep(&receiver);
	step("end");
	end_wait(flow, &receiver, data + PIECE);
	sleeper_end(&receiver.sleeper);
}

static void receive_in_time(const char *name, int fd)
{
	struct receiver receiver;

	step("%s", name);
	receiver_start(&receiver, "reader", reader(), fd, WANTED, MSG_WAITALL);
	note_number("by itself", sleeper_end(&receiver.sleeper));
}

/* The piece is there before the time begins to run. */
static void run_out_of_time(struct flow *flow, int fd, const unsigned char *data)
{
	struct timeval limit = {.tv_usec = LIMIT_US};

	must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
	peer_sends_data(flow, data, PIECE);
	settle();
	receive_in_time("a part", fd);
	receive_in_time("nothing", fd);
}

int main(int argc, char **argv)
{
	unsigned char data[WANTED];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, SA_RESTART);
	pattern_fill(data, sizeof data, 0, 0);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	if (variant_is("end", "timeout"))
		run_out_of_time(&flow, fd, data);
	else
		wait_for_rest(&flow, fd, data);
	return probe_end();
}
