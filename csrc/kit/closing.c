/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a connection to the scripted peer: the states on the way, and close() that lingers. */
#include "peer.h"

#include "internal.h"

/* --- into a state ------------------------------------------------------------------------------------ */

static void near_closes(int fd, struct flow *flow)
{
	must(shutdown(fd, SHUT_WR));
	if (!peer_gets(flow, FIN))
		fault("the near host did not send its FIN");
}

void peer_fin_crosses(struct flow *flow)
{
	struct segment fin = {.flags = FIN | ACK, .ack_ahead = -1};

	peer_sends_segment(flow, &fin);
	flow->snd_nxt++;
}

void peer_sends_fin_again(const struct flow *flow)
{
	struct segment fin = {.flags = FIN | ACK, .seq_ahead = -1};

	peer_sends_segment(flow, &fin);
	settle();
}

static void peer_closes(struct flow *flow)
{
	peer_sends(flow, FIN | ACK);
	fence(FAR);
}

static void to_established(int fd, struct flow *flow)
{
	(void)fd;
	(void)flow;
}

static void to_fin_wait_2(int fd, struct flow *flow)
{
	near_closes(fd, flow);
	peer_sends(flow, ACK);
	fence(FAR);
}

static void to_closing(int fd, struct flow *flow)
{
	near_closes(fd, flow);
	peer_fin_crosses(flow);
	fence(FAR);
}

static void to_time_wait(int fd, struct flow *flow)
{
	to_fin_wait_2(fd, flow);
	peer_closes(flow);
}

static void to_close_wait(int fd, struct flow *flow)
{
	(void)fd;
	peer_closes(flow);
}

static void to_last_ack(int fd, struct flow *flow)
{
	peer_closes(flow);
	near_closes(fd, flow);
}

void bring_to(const char *state, int fd, struct flow *flow)
{
	static const struct {
		const char *state;
		void (*go)(int, struct flow *);
	} ways[] = {
		{"established", to_established}, {"fin-wait-1", near_closes},
		{"fin-wait-2", to_fin_wait_2},	 {"close-wait", to_close_wait},
		{"closing", to_closing},	 {"last-ack", to_last_ack},
		{"time-wait", to_time_wait},
	};

	for (size_t i = 0; i < COUNT(ways); i++) {
		if (strcmp(ways[i].state, state) != 0)
			continue;
		ways[i].go(fd, flow);
		return;
	}
	fault("no such state: %s", state);
}

/* --- close() ------------------------------------------------------------------------------------------ */

static void close_once(void *argument)
{
	const struct closer *closer = argument;

	see_close(closer->fd);
}

void closer_start(struct closer *closer, int fd)
{
	closer->fd = fd;
	sleeper_start(&closer->sleeper, "closer", close_once, closer);
}
