/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() with a number that is none of its three ways, on a connected socket. */
#include "kit.h"

#include <limits.h>

static const struct {
	const char *name;
	int how;
} wrong[] = {
	{"3", 3}, {"4", 4}, {"256", 256}, {"-1", -1}, {"INT_MAX", INT_MAX}, {"INT_MIN", INT_MIN},
};

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		step("%s", wrong[i].name);
		see_shutdown(link.near, wrong[i].how);
		step("%s: after it", wrong[i].name);
		see_exchange(link.near, link.far, 1);
	}
	return probe_end();
}
