/* SPDX-License-Identifier: Apache-2.0 */
/* A window that stays closed, and is probed, for longer than data may be sent again in vain. */
#include "peer.h"

enum { PROBES = 3, SIZE = 100 };

int main(int argc, char **argv)
{
	unsigned char data[SIZE];
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	set_sysctl("ipv4/tcp_retries2", 1); /* a second retransmission in vain would be the end */
	flow = peer_listens();
	flow.window = 0;
	fd = open_to_peer(&flow);
	see_send(BY_SEND, fd, data, sizeof data, 0, NULL);
	waits("the probes of a closed window come in growing intervals, from 200 ms on");
	for (int i = 1; i <= PROBES; i++) {
		step("probe %d", i);
		peer_gets(&flow, ACK);
		flow.rcv_nxt = flow.irs + 1; /* whatever a probe brings has no room */
		peer_sends(&flow, ACK);
		settle();
		see_tcp_state(fd);
	}
	step("opened");
	peer_offers(&flow, 1000);
	peer_gets_data(&flow, sizeof data);
	settle();
	return probe_end();
}
