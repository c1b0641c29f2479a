/* SPDX-License-Identifier: Apache-2.0 */
/* connect() on a UDP socket to a peer, another and none, each between two marker datagrams. */
#include "kit.h"

/* to=receiver: waits there; nobody: a port that refuses; silent: a host that never answers. */
static struct name peer_of_variant(void)
{
	if (variant_is("to", "receiver"))
		return name_of_socket(open_bound(FAR, SOCK_DGRAM));
	if (variant_is("to", "nobody"))
		return refusing_name(FAR, SOCK_DGRAM);
	return name_of(SILENT, 40000);
}

static void connect_to(int s, const char *what, const struct name *peer)
{
	step("%s", what);
	fence(NEAR);
	see_connect(s, peer);
	fence(NEAR);
}

int main(int argc, char **argv)
{
	static const char data[] = "first";
	struct name peer;
	struct name other;
	int s;

	probe_begin(argc, argv);
	peer = peer_of_variant();
	other = name_of_socket(open_bound(FAR, SOCK_DGRAM));
	s = open_socket(NEAR, SOCK_DGRAM);

	connect_to(s, "connect", &peer);
	connect_to(s, "connect again", &peer);
	connect_to(s, "connect to another", &other);
	step("disconnect");
	fence(NEAR);
	see_disconnect(s);
	fence(NEAR);
	connect_to(s, "connect after that", &peer);
	step("send");
	see_send(BY_SEND, s, data, strlen(data), 0, NULL);
	fence(NEAR);
	return probe_end();
}
