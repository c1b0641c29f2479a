/* SPDX-License-Identifier: Apache-2.0 */
/* A SYN comes while the queue of a listener is full, and again when there is room. */
#include "peer.h"

/* The queue of Linux has room for one more. */
enum { BACKLOG = 1, QUEUED = BACKLOG + 1 };

int main(int argc, char **argv)
{
	struct flow early;
	struct flow late;
	int listener;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_abort_on_overflow", variant_number("abort"));
	listener = open_polled_listener(BACKLOG);
	for (int i = 0; i < QUEUED; i++) {
		peer_joins(&early, listener);
		fence(FAR);
	}

	step("full");
	late = peer_calls(listener);
	note_name("late", &late.far);
	fence(NEAR);
	peer_sends_segment(&late, &(struct segment){.flags = SYN});
	settle();

	step("room");
	for (int i = 0; i < QUEUED; i++)
		see_accept(listener, NULL);
	peer_sends(&late, SYN);
	if (peer_gets(&late, SYN | ACK))
		peer_sends(&late, ACK);

	step("late");
	see_accept_soon(listener);
	return probe_end();
}
