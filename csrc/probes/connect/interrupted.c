/* SPDX-License-Identifier: Apache-2.0 */
/* A signal is caught while connect() is blocked, and afterwards the server answers. */
#include "kit.h"

#include <poll.h>
#include <signal.h>

enum { LIMIT_MS = 5000 };

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct connector client;
	struct silent silent;
	bool restart;
	int s;

	probe_begin(argc, argv);
	restart = variant_is("restart", "yes");
	catch_signal(SIGUSR1, restart ? SA_RESTART : 0);
	silent = open_silent();
	s = open_socket(NEAR, SOCK_STREAM);

	step("silence");
	connector_start(&client, s, &silent.name);
	see_asleep(&client.sleeper, "connect");
	see_getsockname(s, &local);

	step("signal");
	sleeper_signal(&client.sleeper, SIGUSR1);
	await_signals(1);
	see_asleep(&client.sleeper, "connect");
	see_poll(s, POLLOUT, 0);
	fence(NEAR);
	if (silent.listener < 0)
		return probe_end(); /* nobody will answer */

	step("answer");
	call_back(&silent, s);
	sleeper_join(&client.sleeper);
	see_poll(s, POLLOUT, LIMIT_MS);
	see_so_error(s);
	see_getpeername(s, &peer);
	return probe_end();
}
