/* SPDX-License-Identifier: Apache-2.0 */
/* The peer makes connections until its SYN gets no answer, while nobody accepts; then all are accepted. */
#include "peer.h"

enum { MOST = 24 }; /* connections, however long the queue is */

/* Once the SYN has been taken in, and what is sent for it at once has come, the peer looks: it waits for nothing. */
static bool is_answered(struct flow *flow)
{
	peer_sends_segment(flow, &(struct segment){.flags = SYN});
	settle();
	return peer_gets_soon(flow, SYN | ACK, 0);
}

static void complete(struct flow *flow)
{
	flow->snd_nxt++; /* behind the SYN */
	peer_sends(flow, ACK);
	fence(FAR);
}

/* The one that gets no answer; false: there is none. */
static bool fill_queue(int listener, struct flow *late)
{
	for (int i = 0; i < MOST; i++) {
		*late = peer_calls(listener);
		if (!is_answered(late))
			return true;
		complete(late);
	}
	return false;
}

static void see_accepted(int listener)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	while (see_accept(listener, &peer) >= 0)
		peer = name_filled(0, sizeof peer.storage);
}

int main(int argc, char **argv)
{
	struct flow late;
	int listener;
	bool full;

	probe_begin(argc, argv);
	listener = open_bound(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	see_listen(listener, (int)variant_number("backlog"));

	step("filling");
	full = fill_queue(listener, &late);
	note_number("full", full);
	note_name("late", &late.far);
	step("accepted");
	see_accepted(listener);

	step("places are free");
	if (full && is_answered(&late))
		complete(&late);
	see_accepted(listener);
	return probe_end();
}
