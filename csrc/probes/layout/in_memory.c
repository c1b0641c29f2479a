/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of the addresses that the system fills in and takes, beside those of the packets. */
#include "kit.h"

static void see_bytes(const char *what, const struct name *name)
{
	note_bytes(what, name->bytes, name->length);
}

static void note_places(void)
{
	bool inet = family() == AF_INET;

	note_number("port at", inet ? offsetof(struct sockaddr_in, sin_port)
				    : offsetof(struct sockaddr_in6, sin6_port));
	note_number("address at", inet ? offsetof(struct sockaddr_in, sin_addr)
				       : offsetof(struct sockaddr_in6, sin6_addr));
	note_number("size", inet ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
}

int main(int argc, char **argv)
{
	struct name own = name_filled(0, sizeof own.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct name sender = name_filled(0, sizeof sender.storage);
	struct name server;
	int far;
	int s;

	probe_begin(argc, argv);
	note_places();
	far = open_bound(FAR, type());
	if (type() == SOCK_STREAM)
		must(listen(far, 1));
	server = name_of_socket(far);
	s = open_socket(NEAR, type());
	fence(NEAR);
	see_connect(s, &server);
	see_speak(s, 1);
	fence(NEAR);
	see_bytes("given to connect()", &server);
	see_getsockname(s, &own);
	see_bytes("own", &own);
	see_getpeername(s, &peer);
	see_bytes("peer", &peer);
	if (type() == SOCK_STREAM)
		see_accept(far, &sender);
	else
		see_recvfrom(far, SAID, MSG_DONTWAIT, &sender);
	see_bytes("sender", &sender);
	return probe_end();
}
