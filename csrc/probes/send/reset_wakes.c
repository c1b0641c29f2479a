/* SPDX-License-Identifier: Apache-2.0 */
/* A sending call that waits for the peer's window when its RST comes. */
#include "peer.h"

#include <signal.h>

enum { BUFFER = 4096, MORE = 1 << 20 };

int main(int argc, char **argv)
{
	static unsigned char data[MORE];
	struct sender sender;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	catch_signal(SIGPIPE, 0);
	flow = peer_listens();
	flow.window = 0;
	fd = open_to_peer(&flow);
	note_name("near", &flow.near);
	set_option(fd, SOL_SOCKET, SO_SNDBUF, BUFFER);
	bring_to(variant("state"), fd, &flow);
	while (send(fd, data, sizeof data, MSG_DONTWAIT) > 0)
		;
	sender_start(&sender, writer(), fd, data, sizeof data, 0);
	see_sender_asleep(&sender);
	fence(NEAR);
	step("reset");
	peer_sends(&flow, RST | ACK);
	sleeper_end(&sender.sleeper);
	note_number("SIGPIPE", signals_caught());
	step("the window opens");
	peer_offers(&flow, UINT16_MAX);
	settle();
	return probe_end();
}
