/* SPDX-License-Identifier: Apache-2.0 */
/* close() when none, some or all of what the peer sent has been read. */
#include "peer.h"

static size_t read_before(void)
{
	if (variant_is("read", "none"))
		return 0;
	return variant_is("read", "part") ? SAID / 2 : SAID;
}

int main(int argc, char **argv)
{
	unsigned char said[SAID];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	pattern_fill(said, sizeof said, 0, 1);
	peer_sends_data(&flow, said, sizeof said);
	await_unread(fd, sizeof said);
	if (read_before())
		see_receive(BY_RECV, fd, read_before(), 0);
	fence(NEAR);
	step("close");
	see_close(fd);
	fence(NEAR);
	step("afterwards");
	peer_sends(&flow, ACK);
	fence(FAR);
	fence(NEAR);
	return probe_end();
}
