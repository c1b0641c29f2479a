/* SPDX-License-Identifier: Apache-2.0 */
/* write() to a peer that has closed and answers what comes with RST, or that resets at once. */
#include "peer.h"

#include <signal.h>

static void see_write(const char *name, int fd)
{
	step("%s", name);
	see_speak(fd, 0);
	note_number("SIGPIPE", signals_caught());
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	catch_signal(SIGPIPE, 0);
	fd = open_flow("near", &flow);
	if (variant_is("by_peer", "fin")) {
		peer_sends(&flow, FIN | ACK);
		fence(FAR);
		see_write("after the FIN", fd);
		peer_gets_data(&flow, SAID);
	}
	peer_sends(&flow, RST | ACK);
	fence(FAR);
	see_write("after the RST", fd);
	see_write("again", fd);
	return probe_end();
}
