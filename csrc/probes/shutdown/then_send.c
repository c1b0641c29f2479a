/* SPDX-License-Identifier: Apache-2.0 */
/* Each sending call after shutdown(), and what the peer gets of it. */
#include "peer.h"

static void try_to_send(int fd, struct flow *flow, enum writer by)
{
	unsigned char data[SAID];
	bool taken;

	pattern_fill(data, sizeof data, 0, by);
	step("%s", writer_name(by));
	fence(NEAR);
	taken = see_send(by, fd, data, sizeof data, 0, NULL) > 0;
	fence(NEAR);
	if (taken)
		peer_takes(flow, SAID);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	note_name("near", &flow.near);
	see_speak(fd, SAID);
	peer_takes(&flow, SAID);

	step("shutdown");
	fence(NEAR);
	see_shutdown(fd, shut_how());
	fence(NEAR);
	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++)
		try_to_send(fd, &flow, by);

	step("close");
	fence(NEAR);
	see_close(fd);
	fence(NEAR);
	return probe_end();
}
