/* SPDX-License-Identifier: Apache-2.0 */
/* Idle connections with keep-alive and without, whose peer answers, or answers one probe of two. */
#include "peer.h"

enum { IDLE_S = 1, INTERVAL_S = 1, COUNT_MAX = 3 };

/* An idle connection, over which something was said; its descriptor. */
static int open_idle(const char *what, struct flow *flow, int *alive)
{
	int fd = open_flow(what, flow);

	keep_alive(fd, IDLE_S, INTERVAL_S, COUNT_MAX);
	for (; *alive >= 0; alive++)
		see_setsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, *alive);
	see_speak(fd, 0);
	return fd;
}

int main(int argc, char **argv)
{
	struct flow never;
	struct flow off;
	struct flow outstanding;
	struct flow lossy;
	struct flow flow;
	int lossy_fd;
	int fd;

	probe_begin(argc, argv);
	note_number("idle_ns", IDLE_S * INT64_C(1000000000));
	step("idle");
	open_idle("never on", &never, (int[]){-1});
	peer_takes(&never, SAID);
	open_idle("off again", &off, (int[]){1, 0, -1});
	peer_takes(&off, SAID);
	open_idle("not idle", &outstanding, (int[]){1, -1});
	peer_gets_data(&outstanding, SAID);
	lossy_fd = open_idle("one unanswered", &lossy, (int[]){1, -1});
	peer_takes(&lossy, SAID);
	fd = open_idle("answered", &flow, (int[]){1, -1});
	peer_takes(&flow, SAID);
	fence(FAR);
	waits("an idle time of 1 s is the shortest that can be told");
	peer_gets_keepalive(&flow);
	peer_sends(&flow, ACK);

	step("answered");
	peer_gets_keepalive(&flow);
	peer_sends(&flow, ACK);
	peer_gets_keepalive(&lossy);
	peer_gets_keepalive(&lossy);
	peer_sends(&lossy, ACK);
	fence(FAR);
	fence(NEAR);
	step("alive");
	see_peer_exchange(&flow, fd);
	see_peer_exchange(&lossy, lossy_fd);
	return probe_end();
}
