/* SPDX-License-Identifier: Apache-2.0 */
/* connect() again on a non-blocking socket, while the first is in progress and when it has succeeded. */
#include "kit.h"

#include <poll.h>

enum { LIMIT_MS = 5000 };

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct silent silent;
	int far;
	int s;

	probe_begin(argc, argv);
	silent = open_silent();
	s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	step("first");
	see_connect(s, &silent.name);
	see_poll(s, POLLOUT, 0);
	see_so_error(s);

	step("second");
	see_connect(s, &silent.name);
	see_getsockname(s, &local);
	fence(NEAR);

	step("established");
	far = call_back(&silent, s);
	see_poll(s, POLLOUT, LIMIT_MS);
	see_so_error(s);
	see_getpeername(s, &peer);

	step("third");
	see_connect(s, &silent.name);

	step("fourth");
	see_connect(s, &silent.name);

	step("after it");
	see_exchange(s, far, 1);
	return probe_end();
}
