/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors are closed here and there, and new ones are made. */
#include "kit.h"

#include <fcntl.h>

enum { FILES = 8 };

static void make_one(void)
{
	note_open_fds();
	if (variant_is("by", "dup"))
		see_dup(STDERR_FILENO);
	else
		see_socket(family(), type(), 0);
}

int main(int argc, char **argv)
{
	static const int closed[] = {6, 1, 4, 0, 7};
	int fds[FILES];

	probe_begin(argc, argv);
	if (!variant_is("by", "dup") && !variant_is("by", "socket"))
		fault("the variant's by=%s is not one of its choices", variant("by"));
	for (int i = 0; i < FILES; i++)
		fds[i] = must(dup(STDERR_FILENO));
	step("the numbers above");
	make_one();
	step("one gap");
	must(close(fds[3]));
	make_one();
	step("several gaps");
	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
		must(close(fds[closed[i]]));
	for (size_t i = 0; i <= sizeof closed / sizeof closed[0]; i++)
		make_one();
	return probe_end();
}
