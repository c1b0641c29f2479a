/* SPDX-License-Identifier: Apache-2.0 */
/* accept() gives out a descriptor for a connection with one of two clients. */
#include "kit.h"

#include <fcntl.h>

static void see_ends(int accepted, int client)
{
	struct name local = name_filled(0, sizeof local.storage);
	struct name peer = local;

	see_getsockname(accepted, &local);
	see_getpeername(accepted, &peer);
	if (family() == AF_UNIX)
		return; /* its clients have no names */
	peer = name_of_socket(client);
	note_name("client", &peer);
	peer = name_of_peer(client);
	note_name("server", &peer);
}

int main(int argc, char **argv)
{
	struct name name;
	int clients[2];
	int accepted[2];
	int listener;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, 8);
	name = name_of_socket(listener);
	for (int i = 0; i < 2; i++) {
		clients[i] = open_socket(FAR, SOCK_STREAM);
		must(connect(clients[i], &name.any, name.length));
	}
	for (int i = 0; i < 2; i++) {
		step("accept %d", i);
		note_open_fds();
		accepted[i] = see_accept(listener, NULL);
		see_fcntl(accepted[i], "F_GETFD", F_GETFD, 0);
		see_getsockopt(accepted[i], SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
		see_getsockopt(listener, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
		see_ends(accepted[i], clients[i]);
	}
	for (int i = 0; i < 2; i++) {
		step("client %d", i);
		see_exchange(accepted[i], clients[i], (unsigned)(2 * i));
		see_receive_now(BY_RECV, clients[1 - i], SAID);
		see_receive_now(BY_RECV, accepted[1 - i], SAID);
	}
	return probe_end();
}
