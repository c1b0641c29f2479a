/* SPDX-License-Identifier: Apache-2.0 */
/* A server closes its accepted connections one after the other. */
#include "kit.h"

enum { CLIENTS = 4 };

int main(int argc, char **argv)
{
	struct name name;
	int clients[CLIENTS];
	int accepted[CLIENTS];
	int listener;
	int turn;

	probe_begin(argc, argv);
	turn = (int)variant_number("turn"); /* which is closed first */
	listener = open_listener(NEAR, CLIENTS);
	name = name_of_socket(listener);
	note_number("listener", listener);
	step("connections");
	for (int i = 0; i < CLIENTS; i++) {
		struct name peer;

		clients[i] = open_socket(FAR, SOCK_STREAM);
		must(connect(clients[i], &name.any, name.length));
		accepted[i] = see_accept(listener, NULL);
		peer = name_of_socket(clients[i]);
		note_name("client", &peer);
	}
	for (int i = 0; i < CLIENTS; i++)
		see_exchange(accepted[i], clients[i], (unsigned)(2 * i));
	for (int i = 0; i < CLIENTS; i++) {
		int closed = (turn + i) % CLIENTS;

		fence(NEAR);
		step("%d closed", i + 1);
		see_close(accepted[closed]);
		fence(NEAR);
		see_arrival(clients[closed], SAID);
		for (int k = i + 1; k < CLIENTS; k++) {
			int other = (turn + k) % CLIENTS;

			see_exchange(accepted[other], clients[other], (unsigned)(16 * i + 2 * k));
		}
	}
	return probe_end();
}
