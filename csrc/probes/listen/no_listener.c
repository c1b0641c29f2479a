/* SPDX-License-Identifier: Apache-2.0 */
/* A segment comes to a port that a socket is bound to and nobody listens at. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct segment segment = {0};
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	segment.flags = flags_told();
	segment.ack_ahead = 4711; /* of 0: the peer was told no number */
	segment.data = "stray";
	segment.size = variant_is("data", "yes") ? 5 : 0;
	fence(NEAR);
	s = open_bound(NEAR, SOCK_STREAM);
	flow = peer_calls(s);
	fence(NEAR);
	peer_sends_segment(&flow, &segment);
	fence(FAR);
	fence(NEAR);
	return probe_end();
}
