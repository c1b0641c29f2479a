/* SPDX-License-Identifier: Apache-2.0 */
/* close() with SO_LINGER while the peer's window is closed, and that window opened, or left closed. */
#include "peer.h"

/* A second is the shortest linger time that lasts. */
enum { LONG_S = 60, SHORT_S = 1 };

static void open_window(struct flow *flow)
{
	step("the window opens");
	peer_offers(flow, UINT16_MAX);
	peer_gets(flow, FIN);
	step("the peer acknowledges");
	fence(NEAR);
	peer_sends(flow, ACK);
}

int main(int argc, char **argv)
{
	struct closer closer;
	struct flow flow;
	bool opens;
	int fd;

	probe_begin(argc, argv);
	opens = variant_is("window", "opens");
	flow = peer_listens();
	flow.window = 0;
	fd = open_prompt_to_peer(&flow);
	note_name("near", &flow.near);
	see_set_linger(fd, 1, opens ? LONG_S : SHORT_S);
	see_speak(fd, 0);

	step("close");
	closer_start(&closer, fd);
	see_asleep(&closer.sleeper, "close");
	settle();
	if (opens)
		open_window(&flow);
	else
		waits("a linger time of 1 s is the shortest that lasts");
	sleeper_end(&closer.sleeper);
	fence(NEAR);
	return probe_end();
}
