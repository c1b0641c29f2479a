/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() and getsockname() on a UDP socket without a peer, whatever else happened to it. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct name own = name_filled(0, sizeof own.storage);
	struct name other;
	int far;
	int s;

	probe_begin(argc, argv);
	far = open_bound(FAR, SOCK_DGRAM);
	other = name_of_socket(far);

	step("fresh");
	s = open_socket(NEAR, SOCK_DGRAM);
	see_both_names(s);

	step("bound");
	own = name_of(NEAR, 0);
	see_bind(s, &own);
	see_both_names(s);

	step("after sendto");
	see_send(BY_SENDTO, s, "ask", 3, 0, &other);
	see_both_names(s);

	step("after recvfrom");
	own = name_of_socket(s);
	must(sendto(far, "answer", 6, 0, &own.any, own.length));
	await_unread(s, 6);
	other.length = sizeof other.storage;
	see_recvfrom(s, 64, 0, &other);
	see_both_names(s);

	step("connected");
	see_connect(s, &other);
	see_both_names(s);

	step("disconnected");
	see_disconnect(s);
	see_both_names(s);
	return probe_end();
}
