/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking connect() whose SYN gets no answer, until one comes. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = name_filled(0, sizeof peer.storage);
	struct connector client;
	struct silent silent;
	int far;
	int s;

	probe_begin(argc, argv);
	silent = open_silent();
	s = open_socket(NEAR, SOCK_STREAM);

	step("silence");
	connector_start(&client, s, &silent.name);
	see_asleep(&client.sleeper, "connect");
	see_getsockname(s, &local);
	fence(NEAR);

	step("answer");
	far = call_back(&silent, s);
	sleeper_join(&client.sleeper);
	see_getpeername(s, &peer);
	see_exchange(s, far, 1);
	return probe_end();
}
