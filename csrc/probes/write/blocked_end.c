/* SPDX-License-Identifier: Apache-2.0 */
/* What closes, resets or shuts down a connection at either end, while a sending call on it is blocked. */
#include "kit.h"

enum { MOST = 65536 };

static unsigned char data[MOST];

static void reset_at_close(int fd)
{
	struct linger none = {.l_onoff = 1};

	must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none));
}

static void end(const struct link *link)
{
	if (variant_is("how", "peer_closes")) {
		see_close(link->far);
	} else if (variant_is("how", "peer_resets")) {
		reset_at_close(link->far);
		see_close(link->far);
	} else if (variant_is("how", "peer_stops_reading")) {
		see_shutdown(link->far, SHUT_RD);
	} else if (variant_is("how", "own_shutdown")) {
		see_shutdown(link->near, SHUT_WR);
	} else if (variant_is("how", "own_close")) {
		see_close(link->near);
	} else {
		fault("how=%s is none of this probe's", variant("how"));
	}
}

static void end_while_blocked(const char *name, bool full)
{
	struct link link = open_narrow_link(type());
	size_t size = type() == SOCK_STREAM ? MOST : (size_t)variant_number("size");
	size_t filled = full ? fill_link(&link, size) : 0;
	struct sender sender;

	pattern_fill(data, size, filled, 0);
	step("%s", name);
	note_number("filled", (int64_t)filled);
	sender_start(&sender, writer(), link.near, data, size, 0);
	see_sender_asleep(&sender);
	await_still(&link);
	see_sender_asleep(&sender);
	step("%s: the end", name);
	end(&link);
	see_sender_asleep(&sender);
	step("%s: what wakes it anyway", name);
	shutdown(link.near, SHUT_RDWR);
	close(link.far);
	sleeper_join(&sender.sleeper);
	step("%s: afterwards", name);
	see_send(writer(), link.near, data, 1, 0, NULL);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	end_while_blocked("nothing taken", true);
	if (type() == SOCK_STREAM) /* a message is taken whole */
		end_while_blocked("a part taken", false);
	return probe_end();
}
