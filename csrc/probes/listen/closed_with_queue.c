/* SPDX-License-Identifier: Apache-2.0 */
/* A listener is closed while a connection waits to be accepted, or a handshake is under way. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int listener;

	probe_begin(argc, argv);
	listener = open_polled_listener(5);
	if (variant_is("queued", "established"))
		peer_joins(&flow, listener);
	else
		peer_begins(&flow, listener);
	settle();

	step("close");
	see_close(listener);
	peer_sends_data(&flow, "hello", 5);
	peer_gets(&flow, RST);
	fence(NEAR);
	return probe_end();
}
