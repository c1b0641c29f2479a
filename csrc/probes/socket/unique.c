/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads open sockets, duplicate them, and close them, in every order. */
#include "kit.h"

enum { THREADS_MAX = 4, ROUNDS = 24, OPEN_MAX = 6 };

struct worker {
	struct sleeper sleeper;
	unsigned choice; /* the state of a generator: every run makes the same choices */
};

static unsigned next_choice(struct worker *worker, unsigned below)
{
	worker->choice = worker->choice * 1103515245 + 12345;
	return worker->choice / 65536 % below;
}

static int open_one(struct worker *worker, const int *open, int count)
{
	if (count && next_choice(worker, 3) == 0)
		return see_dup(open[next_choice(worker, (unsigned)count)]);
	return see_socket(family(), type(), 0);
}

static void work(void *argument)
{
	struct worker *worker = argument;
	int open[OPEN_MAX];
	int count = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if (count < OPEN_MAX && (!count || next_choice(worker, 3))) {
			int fd = open_one(worker, open, count);

			if (fd >= 0)
				open[count++] = fd;
		} else {
			int which = (int)next_choice(worker, (unsigned)count);

			see_close(open[which]);
			open[which] = open[--count];
		}
	}
}

int main(int argc, char **argv)
{
	static const char *const names[THREADS_MAX] = {"one", "two", "three", "four"};
	struct worker workers[THREADS_MAX];
	int threads;

	probe_begin(argc, argv);
	threads = (int)variant_number("threads");
	if (threads < 1 || threads > THREADS_MAX)
		fault("threads=%d is not from 1 to %d", threads, THREADS_MAX);
	for (int i = 0; i < threads; i++) {
		workers[i].choice = (unsigned)i + 1;
		sleeper_start(&workers[i].sleeper, names[i], work, &workers[i]);
	}
	for (int i = 0; i < threads; i++)
		sleeper_join(&workers[i].sleeper);
	return probe_end();
}
