/* SPDX-License-Identifier: Apache-2.0 */
/* A signal caught while a sending call is blocked, with and without SA_RESTART, before and after it took data. */
#include "kit.h"

#include <signal.h>

enum { MOST = 65536 };

static unsigned char data[MOST];

/* On a link of its own: what one call leaves would be in the way of the next. */
static void interrupt(const char *name, bool full, int flags)
{
	size_t size = type() == SOCK_STREAM ? MOST : (size_t)variant_number("size");
	int signals = signals_caught();
	struct sender sender;
	struct link link = open_narrow_link(type());
	size_t filled = full ? fill_link(&link, size) : 0;
	size_t expected;

	catch_signal(SIGUSR1, flags);
	pattern_fill(data, size, filled, 0);
	step("%s", name);
	note_number("filled", (int64_t)filled);
	sender_start(&sender, writer(), link.near, data, size, 0);
	see_sender_asleep(&sender);
	await_still(&link);
	see_sender_asleep(&sender);
	step("%s: the signal", name);
	sleeper_signal(&sender.sleeper, SIGUSR1);
	await_signals(signals + 1);
	see_sender_asleep(&sender);

	step("%s: the peer reads", name);
	expected = filled + size;
	if (sleeper_done(&sender.sleeper))
		expected = filled + (sender.result > 0 ? (size_t)sender.result : 0);
	see_drain((enum reader)writer(), link.far, expected);
	see_receive_now(BY_RECV, link.far, 1);
	shutdown(link.near, SHUT_RDWR); /* what wakes it on every target */
	sleeper_join(&sender.sleeper);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	interrupt("nothing taken", true, 0);
	interrupt("nothing taken, SA_RESTART", true, SA_RESTART);
	if (type() != SOCK_STREAM)
		return probe_end(); /* a message is taken whole */
	interrupt("a part taken", false, 0);
	interrupt("a part taken, SA_RESTART", false, SA_RESTART);
	return probe_end();
}
