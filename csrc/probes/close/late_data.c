/* SPDX-License-Identifier: Apache-2.0 */
/* Data from the peer come after close(), before and after it has acknowledged the FIN. */
#include "peer.h"

int main(int argc, char **argv)
{
	unsigned char said[SAID];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_close(fd);
	peer_gets(&flow, FIN);
	if (variant_is("fin", "acknowledged"))
		peer_sends(&flow, ACK);
	settle();
	step("data");
	pattern_fill(said, sizeof said, 0, 1);
	if (variant_is("fin", "acknowledged"))
		peer_sends_data(&flow, said, sizeof said);
	else
		peer_sends_segment(&flow, &(struct segment){.flags = PSH | ACK,
							    .ack_ahead = -1,
							    .data = said,
							    .size = sizeof said});
	settle();
	return probe_end();
}
