/* SPDX-License-Identifier: Apache-2.0 */
/* connect() on a connected stream socket, to the same server and to another. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	struct name server;
	struct name other;
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();
	server = name_of_socket(link.listener);
	other = name_of_socket(open_listener(FAR, 1));
	note_name("server", &server);
	fence(NEAR);

	step("same server");
	see_connect(link.near, &server);

	step("other server");
	see_connect(link.near, &other);
	fence(NEAR);

	step("after it");
	see_so_error(link.near);
	see_getpeername(link.near, &peer);
	see_exchange(link.near, link.far, 1);
	return probe_end();
}
