/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_DONTROUTE: to a host on the link, and to one that only a gateway leads to. */
#include "kit.h"

static int open_towards(const struct name *peer)
{
	int fd = open_bound(NEAR, SOCK_DGRAM);

	must(connect(fd, &peer->any, peer->length));
	return fd;
}

static void see_sent(enum writer by, const char *where, const struct name *to, int flags)
{
	int fd = open_towards(to);

	step("%s, %s", writer_name(by), where);
	fence(NEAR);
	see_send(by, fd, "hello", 5, flags, NULL);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	struct name beyond;
	struct name on_link;
	int far;

	probe_begin(argc, argv);
	beyond = name_beyond_gateway(9);
	far = open_bound(FAR, SOCK_DGRAM);
	on_link = name_of_socket(far);
	for (enum writer by = BY_SEND; by <= BY_SENDMSG; by++) {
		see_sent(by, "on the link", &on_link, MSG_DONTROUTE);
		see_receive_soon(BY_RECV, far, 64);
		see_sent(by, "routed, without", &beyond, 0);
		see_sent(by, "routed, with", &beyond, MSG_DONTROUTE);
	}
	return probe_end();
}
