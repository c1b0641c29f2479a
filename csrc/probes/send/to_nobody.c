/* SPDX-License-Identifier: Apache-2.0 */
/* send() of datagrams that nobody gets: refused, lost on arrival, to an address of no host. */
#include "kit.h"

#include <poll.h>

enum { PATIENCE_MS = 2000 };

static int open_towards(const struct name *peer)
{
	int fd = open_bound(NEAR, SOCK_DGRAM);

	must(connect(fd, &peer->any, peer->length));
	return fd;
}

static void see_refused(void)
{
	struct name nobody = refusing_name(FAR, SOCK_DGRAM);
	int fd = open_towards(&nobody);

	step("refused");
	see_send(BY_SEND, fd, "hello", 5, 0, NULL);
	see_poll(fd, POLLERR, PATIENCE_MS);
	see_so_error(fd);
}

static void see_lost(void)
{
	struct link link = open_datagram_link();

	lose_all(link.far);
	step("lost");
	see_send(BY_SEND, link.near, "hello", 5, 0, NULL);
	await_lost(link.far, 1);
	see_receive_now(BY_RECV, link.far, 64);
}

static void see_no_host(void)
{
	struct name nobody = name_of(SILENT, 9);
	int fd = open_towards(&nobody);

	step("no host");
	fence(NEAR);
	see_send(BY_SEND, fd, "hello", 5, 0, NULL);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_refused();
	see_lost();
	if (!strcmp(stage(), "pair"))
		see_no_host();
	return probe_end();
}
