/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() and getsockname() on a stream socket whose connection ends, or has begun to. */
#include "kit.h"

#include <poll.h>

static void shut_rd(struct link *link)
{
	see_shutdown(link->near, SHUT_RD);
}

static void shut_wr(struct link *link)
{
	see_shutdown(link->near, SHUT_WR);
}

static void shut_rdwr(struct link *link)
{
	see_shutdown(link->near, SHUT_RDWR);
}

static void peer_shut_wr(struct link *link)
{
	see_shutdown(link->far, SHUT_WR);
	await_poll(link->near, POLLIN);
}

static void peer_closed(struct link *link)
{
	see_close(link->far);
	await_poll(link->near, POLLIN);
}

static void both(struct link *link)
{
	see_shutdown(link->near, SHUT_WR);
	await_poll(link->far, POLLIN);
	see_close(link->far);
	await_poll(link->near, POLLHUP);
}

static void reset(struct link *link)
{
	struct linger none = {.l_onoff = 1};

	must(setsockopt(link->far, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	see_close(link->far);
	await_poll(link->near, POLLIN | POLLHUP);
}

static void disconnected(struct link *link)
{
	see_disconnect(link->near);
}

static const struct {
	const char *name;
	void (*end)(struct link *);
} ends[] = {
	{"shut_rd", shut_rd},
	{"shut_wr", shut_wr},
	{"shut_rdwr", shut_rdwr},
	{"peer_shut_wr", peer_shut_wr},
	{"peer_closed", peer_closed},
	{"both", both},
	{"reset", reset},
	{"disconnected", disconnected},
};

static void end_as_variant(struct link *link)
{
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		if (!variant_is("end", ends[i].name))
			continue;
		ends[i].end(link);
		return;
	}
	fault("end=%s is no way to end a connection", variant("end"));
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();
	step("connected");
	see_both_names(link.near);
	step("ended");
	end_as_variant(&link);
	see_both_names(link.near);
	return probe_end();
}
