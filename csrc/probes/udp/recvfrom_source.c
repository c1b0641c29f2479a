/* SPDX-License-Identifier: Apache-2.0 */
/* recvfrom() from several senders, with a large address buffer and one that just fits. */
#include "kit.h"

#include <poll.h>

static struct name own;

static void say(int fd, const char *text)
{
	must(sendto(fd, text, strlen(text), 0, &own.any, own.length));
}

static void see_source(int s, socklen_t room)
{
	struct name from = {.length = room};

	await_poll(s, POLLIN);
	see_recvfrom(s, 64, 0, &from);
}

int main(int argc, char **argv)
{
	struct name first_name;
	struct name second_name;
	struct name unbound_name;
	socklen_t exact;
	int first;
	int second;
	int unbound;
	int s;

	probe_begin(argc, argv);
	s = open_bound(NEAR, SOCK_DGRAM);
	own = name_of_socket(s);
	exact = own.length;
	first = open_bound(FAR, SOCK_DGRAM);
	second = open_bound(FAR, SOCK_DGRAM);
	unbound = open_socket(FAR, SOCK_DGRAM);
	first_name = name_of_socket(first);
	second_name = name_of_socket(second);
	note_name("first", &first_name);
	note_name("second", &second_name);

	step("from the first");
	say(first, "one");
	see_source(s, sizeof own.storage);

	step("from the second");
	say(second, "two");
	see_source(s, sizeof own.storage);

	step("from the first, an exact buffer");
	say(first, "three");
	see_source(s, exact);

	step("from an unbound sender");
	say(unbound, "four");
	see_source(s, sizeof own.storage);
	/* Its port is chosen by then; its address may still read as the wildcard. */
	unbound_name = name_of_socket(unbound);
	note_number("port of the unbound sender", port_of(&unbound_name));
	return probe_end();
}
