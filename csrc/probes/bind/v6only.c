/* SPDX-License-Identifier: Apache-2.0 */
/* An AF_INET6 socket bound to a wildcard with IPV6_V6ONLY on or off, and clients of both IP versions. */
#include "kit.h"

static struct name wildcard(void)
{
	struct name inet = name_in(AF_INET, WILDCARD, 0);

	return variant_is("address", "mapped") ? name_mapped(&inet) : name_of(WILDCARD, 0);
}

static int open_v6(void)
{
	int s = open_socket(NEAR, type());

	see_setsockopt(s, IPPROTO_IPV6, "IPV6_V6ONLY", IPV6_V6ONLY, variant_is("v6only", "yes"));
	return s;
}

/* An AF_INET socket at the same port, and its client. */
static void see_beside(const struct own_name *mapped)
{
	struct name any = name_in(AF_INET, WILDCARD, port_of(&mapped->name));
	int s = open_socket_in(AF_INET, NEAR, type(), 0);

	step("an AF_INET socket beside it");
	see_bind(s, &any);
	if (type() != SOCK_DGRAM)
		must(listen(s, 1));
	step("its client");
	see_client_at(s, mapped, 7);
}

int main(int argc, char **argv)
{
	struct own_name names[OWN_NAMES_MAX];
	struct name own = name_filled(0, sizeof own.storage);
	struct name any;
	size_t count;
	int s;

	probe_begin(argc, argv);
	any = wildcard();
	step("bound");
	s = open_v6();
	if (see_bind(s, &any))
		return probe_end();
	see_getsockname(s, &own);
	if (type() != SOCK_DGRAM)
		must(listen(s, OWN_NAMES_MAX));
	count = own_names(port_of(&own), names);
	for (size_t i = 0; i < count; i++) {
		step("%s", names[i].word);
		see_client_at(s, &names[i], (unsigned)i);
	}
	if (variant_is("v6only", "yes"))
		see_beside(&names[count - 1]);
	return probe_end();
}
