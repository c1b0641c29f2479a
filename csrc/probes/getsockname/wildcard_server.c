/* SPDX-License-Identifier: Apache-2.0 */
/* getsockname() on a TCP server's listening and accepted sockets when it is bound to the wildcard. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct own_name names[OWN_NAMES_MAX];
	struct name any;
	struct name bound;
	size_t count;
	int listener;

	probe_begin(argc, argv);
	any = name_of(WILDCARD, 0);
	listener = open_socket(NEAR, SOCK_STREAM);
	must(bind(listener, &any.any, any.length));
	must(listen(listener, OWN_NAMES_MAX));
	bound = name_of_socket(listener);
	count = own_names(port_of(&bound), names);
	for (size_t i = 0; i < count; i++) {
		int client =
			open_socket_in(names[i].name.any.sa_family, names[i].from, SOCK_STREAM, 0);
		struct name own = name_filled(0, sizeof own.storage);

		step("%s", names[i].word);
		must(connect(client, &names[i].name.any, names[i].name.length));
		note_name("destination", &names[i].name);
		own = name_of_socket(client);
		note_name("client", &own);
		see_both_names(see_accept(listener, NULL));
		step("%s, the listener", names[i].word);
		own = name_filled(0, sizeof own.storage);
		see_getsockname(listener, &own);
	}
	return probe_end();
}
