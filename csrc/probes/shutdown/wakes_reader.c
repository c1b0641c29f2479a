/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call that waits when another thread calls shutdown(), and the next one. */
#include "kit.h"

#include <signal.h>

static const struct {
	const char *name;
	int way;
} ways[] = {
	{"rd", SHUT_RD},
	{"wr", SHUT_WR},
	{"rdwr", SHUT_RDWR},
};

/* Whatever it still waits for: the signal's handler was set without SA_RESTART. */
static void end_wait(struct receiver *receiver)
{
	if (!sleeper_done(&receiver->sleeper))
		sleeper_signal(&receiver->sleeper, SIGUSR1);
	sleeper_join(&receiver->sleeper);
}

static void see_waiting(enum reader by, const char *name, int way)
{
	struct link link = open_link(type());
	struct receiver receiver;

	step("%s: %s waits", name, reader_name(by));
	receiver_start(&receiver, "reader", by, link.near, SAID, 0);
	see_receiver_asleep(&receiver);
	see_shutdown(link.near, way);
	step("%s: %s after shutdown", name, reader_name(by));
	see_receiver_asleep(&receiver);
	step("%s: %s ends", name, reader_name(by));
	if (way == SHUT_WR) {
		see_speak(link.far, 1);
		sleeper_join(&receiver.sleeper);
	} else {
		end_wait(&receiver);
	}
	step("%s: the next %s", name, reader_name(by));
	receiver_start(&receiver, "reader", by, link.near, SAID, 0);
	see_receiver_asleep(&receiver);
	end_wait(&receiver);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		for (enum reader by = BY_READ; by <= BY_RECVMSG; by++)
			see_waiting(by, ways[i].name, ways[i].way);
	}
	return probe_end();
}
