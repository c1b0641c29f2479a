/* SPDX-License-Identifier: Apache-2.0 */
/* recvfrom() on a UDP socket with SO_RCVTIMEO set, while no datagram comes, and when one does. */
#include "kit.h"

static void receive(void *argument)
{
	const int *s = argument;

	see_receive(BY_RECVFROM, *s, 64, 0);
}

/* Whether recvfrom() was still waiting when it had been looked at. */
static bool see_wait(int s, long timeout_us)
{
	struct sleeper client;
	bool waits;

	step("%ld us", timeout_us);
	see_set_timeout(s, "SO_RCVTIMEO", SO_RCVTIMEO, timeout_us);
	sleeper_start(&client, "client", receive, &s);
	see_asleep(&client, "recvfrom");
	waits = !sleeper_done(&client);
	sleeper_end(&client);
	return waits;
}

int main(int argc, char **argv)
{
	static const char data[] = "in time";
	struct name name;
	int sender;
	int s;

	probe_begin(argc, argv);
	s = open_bound(NEAR, SOCK_DGRAM);
	sender = open_socket(FAR, SOCK_DGRAM);
	name = name_of_socket(s);

	/* On a busy machine a short time is over before anyone looks: then a longer one. */
	for (long us = 50000; us <= 3200000 && !see_wait(s, us); us *= 4)
		;

	step("a datagram");
	must(sendto(sender, data, strlen(data), 0, &name.any, name.length));
	see_receive_soon(BY_RECVFROM, s, 64);
	return probe_end();
}
