/* SPDX-License-Identifier: Apache-2.0 */
/* What bind() returns, and the name that the socket then has. */
#include "kit.h"

#include <stdio.h>

/* A name that is free: port 0, or a path that nothing else here has. */
static struct name free_name(uint16_t number)
{
	return name_of(NEAR, family() == AF_UNIX ? 1000 + number : 0);
}

static void see_bound(int s, const struct name *name)
{
	struct name own = name_filled(0, sizeof own.storage);

	see_bind(s, name);
	see_getsockname(s, &own);
}

static struct name shorter(struct name name)
{
	name.length = sizeof name.any.sa_family + 1;
	return name;
}

/* A family that the socket's is not; the length fits every family. */
static struct name of_another_family(void)
{
	struct name name = name_in(family() == AF_INET ? AF_INET6 : AF_INET, NEAR, 0);

	name.length = sizeof name.storage;
	return name;
}

static struct name below_no_directory(void)
{
	struct name name = name_in(AF_UNIX, NEAR, 0);

	snprintf(name.un.sun_path, sizeof name.un.sun_path, "absent/name");
	name.length = sizeof name.un;
	return name;
}

static void see_failures(void)
{
	int other = open_bound(NEAR, type());
	struct name taken = name_of_socket(other);
	struct name name;
	int s = open_socket(NEAR, type());

	step("in use");
	see_bound(s, &taken);

	step("another family");
	name = of_another_family();
	see_bound(s, &name);

	if (family() == AF_UNIX) {
		step("no directory");
		name = below_no_directory();
	} else {
		step("an address cut short");
		name = shorter(taken);
	}
	see_bound(s, &name);
}

static void see_bad_descriptors(void)
{
	struct name name = free_name(3);
	int ends[2];

	must(pipe(ends));
	step("no socket");
	see_bind(ends[0], &name);
	must(close(ends[0]));
	step("closed");
	see_bind(ends[0], &name);
}

int main(int argc, char **argv)
{
	struct name name;
	int s;

	probe_begin(argc, argv);
	step("free");
	s = open_socket(NEAR, type());
	name = free_name(1);
	see_bound(s, &name);

	step("bound already");
	name = free_name(2);
	see_bound(s, &name);

	see_failures();
	see_bad_descriptors();
	return probe_end();
}
