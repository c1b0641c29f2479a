/* SPDX-License-Identifier: Apache-2.0 */
/* A second urgent byte comes while the first one has not been read. */
#include "peer.h"

int main(int argc, char **argv)
{
	static const struct segment first = {
		.flags = ACK | PSH | URG, .urgent = 3, .data = "ab1", .size = 3};
	static const struct segment second = {
		.flags = ACK | PSH | URG, .urgent = 3, .data = "cd2", .size = 3};
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	s = open_steady(&flow);
	peer_sends_segment(&flow, &first);
	flow.snd_nxt += first.size;
	peer_sends_segment(&flow, &second);
	flow.snd_nxt += second.size;
	fence(FAR);
	step("out of band");
	see_receive(BY_RECV, s, 16, MSG_OOB | MSG_DONTWAIT);
	step("in line");
	see_receive_now(BY_RECV, s, 64);
	see_sockatmark(s);
	see_receive_now(BY_RECV, s, 64);
	fence(NEAR);
	return probe_end();
}
