/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking connect() with a send timeout whose SYN gets no answer in time, but later. */
#include "kit.h"

#include <poll.h>

enum { TIMEOUT_US = 1000, LIMIT_MS = 5000 };

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct silent silent;
	int s;

	probe_begin(argc, argv);
	silent = open_silent();
	s = open_socket(NEAR, SOCK_STREAM);
	see_set_timeout(s, "SO_SNDTIMEO", SO_SNDTIMEO, TIMEOUT_US);

	step("silence");
	see_connect(s, &silent.name);
	see_getsockname(s, &local);
	see_poll(s, POLLOUT, 0);
	fence(NEAR);
	if (silent.listener < 0)
		return probe_end(); /* nobody will answer */

	step("answer");
	call_back(&silent, s);
	see_poll(s, POLLOUT, LIMIT_MS);
	see_so_error(s);
	see_getpeername(s, &peer);
	return probe_end();
}
