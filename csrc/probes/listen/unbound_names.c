/* SPDX-License-Identifier: Apache-2.0 */
/* The name that listen() gives a TCP socket that was never bound, and that it leaves to a bound one. */
#include "kit.h"

static void see_own_name(int s)
{
	struct name own = name_filled(0, sizeof own.storage);

	see_getsockname(s, &own);
}

static void see_clients(int s)
{
	struct own_name names[OWN_NAMES_MAX];
	struct name own = name_of_socket(s);
	size_t count = own_names(port_of(&own), names);

	for (size_t i = 0; i < count; i++) {
		step("%s", names[i].word);
		see_client_at(s, &names[i], (unsigned)i);
	}
}

static int open_at(enum place place)
{
	struct name name = name_of(place, 0);
	int s = open_socket(NEAR, type());

	must(bind(s, &name.any, name.length));
	return s;
}

static void see_kept(const char *what, int s)
{
	step("%s: before", what);
	see_own_name(s);
	step("%s: after", what);
	see_listen(s, OWN_NAMES_MAX);
	see_own_name(s);
}

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	s = open_socket(NEAR, type());
	see_kept("not bound", s);
	see_kept("listening already", s);
	see_clients(s);
	see_kept("bound to the wildcard", open_at(WILDCARD));
	see_kept("bound to an address", open_at(NEAR));
	return probe_end();
}
