/* SPDX-License-Identifier: Apache-2.0 */
/* connect() in either mode to a TCP server that does not answer, and then does. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { LIMIT_MS = 5000 };

static void see_outcome(int s, int limit_ms)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	see_poll(s, POLLOUT, limit_ms);
	see_so_error(s);
	see_getpeername(s, &peer);
}

int main(int argc, char **argv)
{
	struct connector client;
	struct silent silent;
	int s;

	probe_begin(argc, argv);
	silent = open_silent();
	s = open_socket(NEAR, SOCK_STREAM);
	if (variant_is("mode", "nonblocking"))
		must(fcntl(s, F_SETFL, O_RDWR | O_NONBLOCK));

	step("no answer");
	connector_start(&client, s, &silent.name);
	see_asleep(&client.sleeper, "connect");
	see_outcome(s, 0);
	step("an answer");
	call_back(&silent, s);
	sleeper_join(&client.sleeper);
	see_outcome(s, LIMIT_MS);
	return probe_end();
}
