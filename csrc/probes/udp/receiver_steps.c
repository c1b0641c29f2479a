/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), bind(), listen(), read() and close(), with a datagram from the peer before the read(). */
#include "peer.h"

int main(int argc, char **argv)
{
	struct name name;
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	name = name_of(NEAR, 0);
	s = see_socket(family(), SOCK_DGRAM, 0);
	see_bind(s, &name);
	see_listen(s, 8);
	flow = peer_datagrams_to(s);
	peer_sends_datagram(&flow, "for the receiver", 16);
	fence(FAR);
	see_receive_now(BY_READ, s, 64);
	see_close(s);
	fence(NEAR);
	return probe_end();
}
