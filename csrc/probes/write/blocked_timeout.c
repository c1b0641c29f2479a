/* SPDX-License-Identifier: Apache-2.0 */
/* A sending call with SO_SNDTIMEO that nobody makes space for, before it has taken anything and after. */
#include "kit.h"

enum { MOST = 65536, TIMEOUT_US = 1000 };

static unsigned char data[MOST];

static void time_out(const char *name, bool full)
{
	size_t size = type() == SOCK_STREAM ? MOST : (size_t)variant_number("size");
	struct link link = open_narrow_link(type());
	size_t filled = full ? fill_link(&link, size) : 0;
	struct sender sender;
	ssize_t sent;

	pattern_fill(data, size, filled, 0);
	step("%s", name);
	note_number("filled", (int64_t)filled);
	see_set_timeout(link.near, "SO_SNDTIMEO", SO_SNDTIMEO, TIMEOUT_US);
	sender_start(&sender, writer(), link.near, data, size, 0);
	sleeper_end(&sender.sleeper);
	sent = sender.result;
	step("%s: the peer reads", name);
	see_drain((enum reader)writer(), link.far, filled + (sent > 0 ? (size_t)sent : 0));
	see_receive_now(BY_RECV, link.far, 1);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	time_out("nothing taken", true);
	if (type() == SOCK_STREAM) /* a message is taken whole */
		time_out("a part taken", false);
	return probe_end();
}
