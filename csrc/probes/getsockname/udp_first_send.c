/* SPDX-License-Identifier: Apache-2.0 */
/* The local name of a UDP socket around its first datagram, and where the receiver sees that come from. */
#include "kit.h"

static int receiver;
static struct name to;

static void see_own_name(int s)
{
	struct name own = name_filled(0, sizeof own.storage);

	see_getsockname(s, &own);
}

static void see_first(const char *what, int s)
{
	struct name from = name_filled(0, sizeof from.storage);

	step("%s: before", what);
	see_own_name(s);
	step("%s: after", what);
	see_send(writer(), s, "hello", 5, 0, &to);
	see_own_name(s);
	await_unread(receiver, 5);
	see_recvfrom(receiver, 64, 0, &from);
}

static int open_at(enum place place)
{
	struct name name = name_of(place, 0);
	int s = open_socket(NEAR, SOCK_DGRAM);

	must(bind(s, &name.any, name.length));
	return s;
}

/* to=own: a receiver of the socket's own family; to=mapped: an AF_INET one, for an AF_INET6 socket. */
static void open_receiver(void)
{
	struct name name = name_in(variant_is("to", "mapped") ? AF_INET : family(), FAR, 0);

	receiver = open_socket_in(name.any.sa_family, FAR, SOCK_DGRAM, 0);
	must(bind(receiver, &name.any, name.length));
	to = name_of_socket(receiver);
	note_name("receiver", &to);
	if (variant_is("to", "mapped"))
		to = name_mapped(&to);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	open_receiver();
	see_first("not bound", open_socket(NEAR, SOCK_DGRAM));
	see_first("another", open_socket(NEAR, SOCK_DGRAM));
	see_first("bound to the wildcard", open_at(WILDCARD));
	if (!variant_is("to", "mapped"))
		see_first("bound to an address", open_at(NEAR));
	return probe_end();
}
