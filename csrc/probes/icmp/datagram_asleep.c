/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call that waits on a connected UDP socket when an ICMP port unreachable comes. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct flow flow;
	unsigned char data[SAID];
	int s;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, true);
	see_send(BY_SEND, s, data, sizeof data, 0, NULL);
	peer_gets_datagram(&flow);
	receiver_start(&receiver, "receiver", reader(), s, SAID, 0);
	see_receiver_asleep(&receiver);
	if (family() == AF_INET)
		peer_sends_error(&flow, FROM_PEER, 3, 3, 0);
	else
		peer_sends_error(&flow, FROM_PEER, 1, 4, 0);
	sleeper_end(&receiver.sleeper);
	see_so_error(s);
	return probe_end();
}
