/* SPDX-License-Identifier: Apache-2.0 */
/* A segment comes to a port that a socket is bound to and nobody listens at. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct segment segment;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	segment = segment_told();
	segment.ack_ahead = 4711; /* of 0: the peer was told no number */
	fence(NEAR);
	s = open_bound(NEAR, SOCK_STREAM);
	flow = peer_calls(s);
	fence(NEAR);
	peer_sends_segment(&flow, &segment);
	settle();
	return probe_end();
}
