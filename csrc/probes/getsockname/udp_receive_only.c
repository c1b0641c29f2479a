/* SPDX-License-Identifier: Apache-2.0 */
/* The local name of a UDP socket that receives before it ever sends, and an answer to its first sendto(). */
#include "kit.h"

#include <poll.h>

static void see_own_name(int s)
{
	struct name own = name_filled(0, sizeof own.storage);

	see_getsockname(s, &own);
}

/* Waits at the far host for the datagram, and answers it. */
static void answer(int far)
{
	struct name from = name_filled(0, sizeof from.storage);

	await_unread(far, 5);
	see_recvfrom(far, 64, 0, &from);
	see_send(BY_SENDTO, far, "answer", 6, 0, &from);
}

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct name name;
	int far;
	int s;

	probe_begin(argc, argv);
	far = open_bound(FAR, SOCK_DGRAM);
	name = name_of_socket(far);
	s = open_socket(NEAR, SOCK_DGRAM);

	step("after poll");
	see_poll(s, POLLIN, 0);
	see_own_name(s);
	step("after an empty receive");
	see_receive_now(reader(), s, 64);
	see_own_name(s);
	step("while receiving");
	receiver_start(&receiver, "receiver", reader(), s, 64, 0);
	see_receiver_asleep(&receiver);
	see_own_name(s);
	step("after sendto");
	see_send(BY_SENDTO, s, "hello", 5, 0, &name);
	see_own_name(s);
	step("an answer");
	answer(far);
	sleeper_end(&receiver.sleeper);
	see_own_name(s);
	return probe_end();
}
