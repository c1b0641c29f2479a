/* SPDX-License-Identifier: Apache-2.0 */
/* A socket bound to the wildcard takes what is sent to each address of its host. */
#include "kit.h"

static void see_client(int s, const struct own_name *to, unsigned seed)
{
	int client = open_socket_in(to->name.any.sa_family, to->from, type(), 0);

	step("%s", to->word);
	see_connect(client, &to->name);
	see_speak(client, seed);
	if (type() == SOCK_DGRAM)
		see_arrival(s, SAID);
	else
		see_arrival(see_accept(s, NULL), SAID);
}

int main(int argc, char **argv)
{
	struct own_name names[OWN_NAMES_MAX];
	struct name any;
	struct name own = name_filled(0, sizeof own.storage);
	size_t count;
	int s;

	probe_begin(argc, argv);
	any = name_of(WILDCARD, 0);
	s = open_socket(NEAR, type());
	see_bind(s, &any);
	see_getsockname(s, &own);
	if (type() != SOCK_DGRAM)
		must(listen(s, OWN_NAMES_MAX));
	count = own_names(port_of(&own), names);
	for (size_t i = 0; i < count; i++)
		see_client(s, &names[i], (unsigned)i);
	return probe_end();
}
