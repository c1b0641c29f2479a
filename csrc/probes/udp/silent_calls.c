/* SPDX-License-Identifier: Apache-2.0 */
/* All that a program can do with a UDP socket but for sending, and what of it the peer sees. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct name name;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	flow = peer_datagrams();
	name = name_of(NEAR, 0);
	note_name("peer", &flow.far);
	fence(NEAR);
	s = see_socket(family(), SOCK_DGRAM, 0);
	see_bind(s, &name);
	see_connect(s, &flow.far);
	see_both_names(s);
	see_connect(s, &flow.far);
	see_disconnect(s);
	see_connect(s, &flow.far);
	see_close(s);
	fence(NEAR);
	return probe_end();
}
