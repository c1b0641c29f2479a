/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads sleep in accept() on one listening socket, and as many clients come, one by one. */
#include "kit.h"

#include <sched.h>

enum { THREADS = 4 };

static struct acceptor acceptors[THREADS];

static int done(void)
{
	int count = 0;

	for (int i = 0; i < THREADS; i++)
		count += sleeper_done(&acceptors[i].sleeper);
	return count;
}

/* Waits (bounded) until `count` threads are done. */
static void await_done(int count)
{
	int64_t end = now_ns() + INT64_C(2000000000);

	while (done() < count && now_ns() < end)
		sched_yield();
}

static void see_sleepers(void)
{
	for (int i = 0; i < THREADS; i++) {
		if (!sleeper_done(&acceptors[i].sleeper))
			see_asleep(&acceptors[i].sleeper, "accept");
	}
}

int main(int argc, char **argv)
{
	static const char *const names[THREADS] = {"first", "second", "third", "fourth"};
	struct name name;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener_of(NEAR, type(), THREADS);
	name = name_of_socket(listener);
	step("nobody");
	for (int i = 0; i < THREADS; i++)
		acceptor_start(&acceptors[i], names[i], listener);
	see_sleepers();
	for (int i = 1; i <= THREADS; i++) {
		step("client %d", i);
		see_connect(open_socket(FAR, type()), &name);
		await_done(i);
		see_sleepers();
	}
	for (int i = 0; i < THREADS; i++)
		sleeper_end(&acceptors[i].sleeper);
	return probe_end();
}
