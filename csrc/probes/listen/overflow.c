/* SPDX-License-Identifier: Apache-2.0 */
/* Two handshakes end where the listener's queue has room for one connection. */
#include "peer.h"

/* Large enough that nothing but the queue of connections is full (on Linux, a SYN that finds too many
 * others under way is answered with a cookie, and forgotten). */
enum { BACKLOG = 2 };

int main(int argc, char **argv)
{
	struct flow first;
	struct flow second;
	int listener;

	probe_begin(argc, argv);
	set_sysctl("ipv4/tcp_abort_on_overflow", variant_number("abort"));
	listener = open_polled_listener(BACKLOG);
	for (int i = 0; i < BACKLOG; i++)
		peer_joins(&first, listener);
	fence(FAR);
	peer_begins(&first, listener);
	peer_begins(&second, listener);
	note_name("late", &second.far);
	peer_sends(&first, ACK);
	fence(FAR);

	step("overflow");
	fence(NEAR);
	peer_sends(&second, ACK);
	settle();

	step("room");
	for (int i = 0; i <= BACKLOG; i++)
		see_accept(listener, NULL);
	see_queue(listener);

	step("again");
	peer_sends(&second, ACK);
	see_queue(listener);
	return probe_end();
}
