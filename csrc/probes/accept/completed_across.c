/* SPDX-License-Identifier: Apache-2.0 */
/* Two handshakes begin in one order and are completed in the other. */
#include "peer.h"

static void see_next(int listener)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	see_accept(listener, &peer);
}

int main(int argc, char **argv)
{
	struct flow first;
	struct flow second;
	int listener;

	probe_begin(argc, argv);
	listener = open_polled_listener(5);
	peer_begins(&first, listener);
	peer_begins(&second, listener);
	peer_sends(&second, ACK);
	peer_sends(&first, ACK);
	fence(FAR);
	note_name("began first", &first.far);
	note_name("began second", &second.far);
	see_next(listener);
	see_next(listener);
	return probe_end();
}
