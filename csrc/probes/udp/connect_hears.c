/* SPDX-License-Identifier: Apache-2.0 */
/* Whose datagrams a connected UDP socket receives, while its peer and another one send. */
#include "kit.h"

static struct name own;

static void say(int fd, const char *text)
{
	must(sendto(fd, text, strlen(text), 0, &own.any, own.length));
}

/* other=port: the peer's host, another port; other=host: another host, the peer's port. */
static int open_other(const struct name *peer)
{
	struct name name = name_of(NEAR, port_of(peer));
	int fd;

	if (variant_is("other", "port"))
		return open_bound(FAR, SOCK_DGRAM);
	fd = open_socket(NEAR, SOCK_DGRAM);
	must(bind(fd, &name.any, name.length));
	return fd;
}

int main(int argc, char **argv)
{
	struct name peer_name;
	struct name other_name;
	int peer;
	int other;
	int s;

	probe_begin(argc, argv);
	peer = open_bound(FAR, SOCK_DGRAM);
	peer_name = name_of_socket(peer);
	other = open_other(&peer_name);
	other_name = name_of_socket(other);
	s = open_bound(NEAR, SOCK_DGRAM);
	own = name_of_socket(s);
	note_name("peer", &peer_name);
	note_name("other", &other_name);

	/* POSIX speaks of what is received after connect(), and does not say when it was sent. */
	step("queued before");
	say(other, "other 0");
	await_unread(s, strlen("other 0"));
	see_connect(s, &peer_name);
	see_receive_now(BY_RECVFROM, s, 64);

	step("connected");
	say(other, "other 1");
	say(peer, "peer 1");
	say(other, "other 2");
	say(peer, "peer 2");
	see_receive_soon(BY_RECVFROM, s, 64);
	see_receive_soon(BY_RECVFROM, s, 64);
	see_receive_now(BY_RECVFROM, s, 64);

	step("reconnected");
	see_connect(s, &other_name);
	say(peer, "peer 3");
	say(other, "other 3");
	see_receive_soon(BY_RECVFROM, s, 64);
	see_receive_now(BY_RECVFROM, s, 64);
	return probe_end();
}
