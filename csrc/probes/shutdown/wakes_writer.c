/* SPDX-License-Identifier: Apache-2.0 */
/* A sending call that waits for space when another thread calls shutdown(). */
#include "kit.h"

#include <signal.h>

enum { PIECE = 4096 };

static const struct {
	const char *name;
	int way;
} ways[] = {
	{"rd", SHUT_RD},
	{"wr", SHUT_WR},
	{"rdwr", SHUT_RDWR},
};

static void see_waiting(enum writer by, const char *way_name, int way)
{
	static unsigned char data[PIECE];
	int signals = signals_caught();
	struct sender sender;
	struct link link;
	char name[40];
	size_t filled;

	snprintf(name, sizeof name, "%s: %s", way_name, writer_name(by));
	step("%s waits", name);
	link = open_narrow_link(SOCK_STREAM);
	filled = fill_link(&link, PIECE);
	note_number(name, (int64_t)filled);
	pattern_fill(data, sizeof data, filled, 0);
	sender_start(&sender, by, link.near, data, sizeof data, 0);
	see_sender_asleep(&sender);
	see_shutdown(link.near, way);
	step("%s after shutdown", name);
	see_sender_asleep(&sender);
	step("%s: the peer", name);
	if (see_drain(BY_RECV, link.far, filled + sizeof data) < filled + sizeof data)
		shutdown(link.far, SHUT_RDWR); /* what wakes the writer on every target */
	sleeper_join(&sender.sleeper);
	snprintf(name, sizeof name, "%s: %s: signals", way_name, writer_name(by));
	note_number(name, signals_caught() - signals);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	catch_signal(SIGPIPE, 0);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++)
			see_waiting(by, ways[i].name, ways[i].way);
	}
	return probe_end();
}
