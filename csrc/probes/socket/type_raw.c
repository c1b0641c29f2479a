/* SPDX-License-Identifier: Apache-2.0 */
/* Raw sockets of a protocol of no one's send and receive; one of another protocol gets nothing. */
#include "kit.h"

#include <poll.h>

/* RFC 3692, 2.1: for experiments. */
enum { OURS = 253, ANOTHER = 254, ROOM = 512, PATIENCE_MS = 2000 };

static int open_raw(enum place side, int protocol)
{
	int s = see_socket_privileged(side, family(), SOCK_RAW, protocol);

	if (s < 0)
		unsupported("SOCK_RAW in this domain", errno);
	return s;
}

static void take(int s)
{
	struct name from = name_filled(0, sizeof from.storage);

	see_poll(s, POLLIN, PATIENCE_MS);
	see_recvfrom(s, ROOM, MSG_DONTWAIT, &from);
}

int main(int argc, char **argv)
{
	unsigned char words[SAID];
	struct name far;
	int sender;
	int receiver;
	int other;

	probe_begin(argc, argv);
	far = name_of(FAR, 0);
	step("open");
	other = open_raw(FAR, ANOTHER);
	receiver = open_raw(FAR, OURS);
	sender = open_raw(NEAR, OURS);
	fence(NEAR);
	step("sendto");
	pattern_fill(words, sizeof words, 0, 1);
	see_send(BY_SENDTO, sender, words, sizeof words, 0, &far);
	take(receiver);
	step("write");
	must(connect(sender, &far.any, far.length));
	see_speak(sender, 2);
	take(receiver);
	step("no data");
	see_send(BY_SEND, sender, words, 0, 0, NULL);
	take(receiver);
	fence(NEAR);
	step("another protocol");
	see_receive_now(BY_RECV, other, ROOM);
	return probe_end();
}
