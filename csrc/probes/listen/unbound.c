/* SPDX-License-Identifier: Apache-2.0 */
/* listen() on a socket that was never bound, and a client at the port that it then has. */
#include "kit.h"

static void see_own_name(int s)
{
	struct name own = name_filled(0, sizeof own.storage);

	see_getsockname(s, &own);
}

static void see_client(int s)
{
	struct name own = name_of_socket(s);
	struct name name = name_of(NEAR, port_of(&own));
	int client = open_socket(FAR, SOCK_STREAM);

	see_connect(client, &name);
	see_accept(s, NULL);
}

int main(int argc, char **argv)
{
	int sockets[2];

	probe_begin(argc, argv);
	for (int i = 0; i < 2; i++) {
		sockets[i] = open_socket(NEAR, SOCK_STREAM);
		step("before, socket %d", i);
		see_own_name(sockets[i]);
		step("after, socket %d", i);
		see_listen(sockets[i], 1);
		see_own_name(sockets[i]);
	}
	for (int i = 0; i < 2; i++) {
		step("client, socket %d", i);
		see_client(sockets[i]);
	}
	return probe_end();
}
