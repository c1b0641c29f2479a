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
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	peer_speaks(&flow, 1);
	await_unread(fd, SAID);
	if (read_before())
		see_receive(BY_RECV, fd, read_before(), 0);
	fence(NEAR);
	step("close");
	see_close(fd);
	fence(NEAR);
	step("afterwards");
	peer_sends(&flow, ACK);
	settle();
	return probe_end();
}
