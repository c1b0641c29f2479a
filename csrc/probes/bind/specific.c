/* SPDX-License-Identifier: Apache-2.0 */
/* A socket bound to one address of its host hears what is sent to that one, and to no other. */
#include "kit.h"

#include <arpa/inet.h>

enum { NAMES_MAX = OWN_NAMES_MAX + 1 };

/* All of 127.0.0.0/8 is the host's own (RFC 1122, 3.2.1.3): where there is one address else, a second. */
static size_t all_names(uint16_t port, struct own_name names[NAMES_MAX])
{
	size_t count = own_names(port, names);

	if (count == 1) {
		names[1] = (struct own_name){"second loopback", names[0].name, NEAR};
		names[1].name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
		count++;
	}
	return count;
}

static void see_bound(const struct own_name *at)
{
	struct own_name names[NAMES_MAX];
	struct name name = at->name;
	struct name own = name_filled(0, sizeof own.storage);
	size_t count;
	int s = open_socket(NEAR, type());

	if (name.any.sa_family != family())
		name = name_mapped(&at->name);
	step("at %s", at->word);
	see_bind(s, &name);
	see_getsockname(s, &own);
	if (type() != SOCK_DGRAM)
		must(listen(s, NAMES_MAX));
	count = all_names(port_of(&own), names);
	for (size_t i = 0; i < count; i++) {
		step("at %s, to %s", at->word, names[i].word);
		see_client_at(s, &names[i], (unsigned)i);
	}
	must(close(s)); /* the next one may be given this port, at its own address */
}

int main(int argc, char **argv)
{
	struct own_name names[NAMES_MAX];
	size_t count;

	probe_begin(argc, argv);
	count = all_names(0, names);
	for (size_t i = 0; i < count; i++)
		see_bound(&names[i]);
	return probe_end();
}
