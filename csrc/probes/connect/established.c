/* SPDX-License-Identifier: Apache-2.0 */
/* connect() on a stream socket to a server that listens, and both ends' names after it. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct name client = name_filled(0, sizeof client.storage);
	struct name server;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_listener(FAR, 4);
	server = name_of_socket(listener);
	note_name("server", &server);
	s = open_socket(NEAR, SOCK_STREAM);
	fence(NEAR);

	step("before");
	see_getsockname(s, &local);
	see_getpeername(s, &peer);

	step("connect");
	see_connect(s, &server);
	see_getsockname(s, &local);
	see_getpeername(s, &peer);

	step("accept");
	see_accept(listener, &client);
	return probe_end();
}
