/* SPDX-License-Identifier: Apache-2.0 */
/* sendto() and recvfrom() on a TCP connection to the peer, without an address and with that of another. */
#include "peer.h"

static void see_sent(int fd, struct flow *flow, const char *data, const struct name *to)
{
	size_t size = strlen(data);
	bool taken;

	fence(NEAR);
	taken = see_send(BY_SENDTO, fd, data, size, 0, to) > 0;
	fence(NEAR);
	if (taken)
		peer_takes(flow, size);
}

int main(int argc, char **argv)
{
	struct name from = name_filled(0, sizeof from.storage);
	struct receiver receiver;
	struct flow another;
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	flow = peer_listens();
	fd = open_prompt_to_peer(&flow);
	note_name("near", &flow.near);
	note_name("peer", &flow.far);

	step("question");
	see_sent(fd, &flow, "question", NULL);
	step("waiting");
	receiver_start(&receiver, "reader", BY_RECVFROM, fd, SAID, 0);
	see_receiver_asleep(&receiver);
	step("answer");
	peer_sends_data(&flow, "the answer", 10);
	sleeper_end(&receiver.sleeper);
	step("more");
	peer_sends_data(&flow, "more", 4);
	fence(FAR);
	see_recvfrom(fd, SAID, MSG_DONTWAIT, &from);

	step("to another");
	another = peer_listens();
	see_sent(fd, &flow, "to another", &another.far);
	step("end");
	peer_sends(&flow, FIN | ACK);
	fence(FAR);
	see_recvfrom(fd, SAID, MSG_DONTWAIT, &from);
	return probe_end();
}
