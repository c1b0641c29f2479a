/* SPDX-License-Identifier: Apache-2.0 */
/* connect() on a non-blocking socket, and its outcome by poll() and SO_ERROR. */
#include "kit.h"

#include <poll.h>

enum { LIMIT_MS = 5000 };

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct name server;
	int listener = -1;
	int s;

	probe_begin(argc, argv);
	if (variant_is("server", "listens")) {
		listener = open_listener(FAR, 1);
		server = name_of_socket(listener);
	} else {
		server = refusing_name(FAR, SOCK_STREAM);
	}
	s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	step("connect");
	see_connect(s, &server);
	see_getsockname(s, &local);

	step("outcome");
	see_poll(s, POLLOUT, LIMIT_MS);
	see_so_error(s);
	see_so_error(s);
	see_getpeername(s, &peer);
	if (listener >= 0)
		see_accept(listener, NULL);
	return probe_end();
}
