/* SPDX-License-Identifier: Apache-2.0 */
/* A socket is made with a protocol, or with 0, and speaks with one that was made the other way. */
#include "kit.h"

#include <netinet/tcp.h>
#include <poll.h>

enum { PATIENCE_MS = 2000 };

/* The protocol that this type has in the Internet domains; there is no number for it in others. */
static int of_type(void)
{
	if (family() == AF_UNIX)
		return 0;
	return type() == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
}

static int number_of(const char *word)
{
	if (!strcmp(word, "zero"))
		return 0;
	if (!strcmp(word, "tcp"))
		return IPPROTO_TCP;
	if (!strcmp(word, "udp"))
		return IPPROTO_UDP;
	if (strcmp(word, "sctp") != 0)
		fault("protocol=%s is not one of its choices", word);
#ifdef IPPROTO_SCTP
	return IPPROTO_SCTP;
#else
	unsupported("IPPROTO_SCTP, which <netinet/in.h> does not declare", 0);
#endif
}

/* 0 and the name meet; with SCTP, which 0 need not stand for, the same name twice. */
static int number_of_other(const char *word)
{
	if (!strcmp(word, "zero"))
		return of_type();
	return strcmp(word, "sctp") ? 0 : number_of(word);
}

static void look_at(int s)
{
#ifdef SO_PROTOCOL
	see_getsockopt(s, SOL_SOCKET, "SO_PROTOCOL", SO_PROTOCOL);
#endif
	see_getsockopt(s, SOL_SOCKET, "SO_TYPE", SO_TYPE);
	see_getsockopt(s, IPPROTO_TCP, "TCP_NODELAY", TCP_NODELAY);
}

static int accept_one(int listener)
{
	see_poll(listener, POLLIN, PATIENCE_MS);
	return see_accept(listener, NULL);
}

static void connect_datagram(int s, int to)
{
	struct name name = name_of_socket(to);

	must(connect(s, &name.any, name.length));
}

int main(int argc, char **argv)
{
	struct name near_name;
	struct name name;
	int near;
	int far;

	probe_begin(argc, argv);
	note_number("protocol", number_of(variant("protocol")));
	note_number("SOCK_STREAM", SOCK_STREAM);
	note_number("SOCK_DGRAM", SOCK_DGRAM);
	note_number("SOCK_SEQPACKET", SOCK_SEQPACKET);
	step("open");
	near = see_socket(family(), type(), number_of(variant("protocol")));
	if (near < 0 && variant_is("protocol", "sctp"))
		unsupported("SCTP", errno);
	look_at(near);
	far = see_socket_far(family(), type(), number_of_other(variant("protocol")));
	if (near < 0 || far < 0)
		return probe_end();
	name = name_of(FAR, family() == AF_UNIX);
	must(bind(far, &name.any, name.length));
	near_name = name_of(NEAR, family() == AF_UNIX);
	must(bind(near, &near_name.any, near_name.length));
	if (type() != SOCK_DGRAM)
		must(listen(far, 1));
	name = name_of_socket(far);

	fence(NEAR);
	step("connect");
	see_connect(near, &name);
	if (type() == SOCK_DGRAM)
		connect_datagram(far, near);
	else
		far = accept_one(far);
	step("exchange");
	see_exchange(near, far, 1);
	fence(NEAR);
	return probe_end();
}
