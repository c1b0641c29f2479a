/* SPDX-License-Identifier: Apache-2.0 */
/* bzero() or memset() of every small and some large numbers of bytes, at every alignment. */
#include "kit.h"

enum { GUARD = 64 };

/* The value of memset() is an int of which the lowest byte counts. */
static const int values[] = {0, 1, 0x7f, 0x80, 0xff, 'c', 0x1234, -1, -2};

static void set(size_t at, size_t count, int value)
{
	if (variant_is("call", "bzero"))
		see_bzero(at, count);
	else
		see_memset(at, value, count);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {0,   1,	 2,   3,   4,	5,   7,	   8,	 9,    15,   16,
				       17,  31,	 32,  33,  63,	64,  65,   127,	 128,  129,  255,
				       256, 257, 511, 512, 513, 999, 1000, 4095, 4096, 4097, 9000};

	probe_begin(argc, argv);
	step("sizes");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		set(GUARD, sizes[i], 'c');
	step("alignments");
	for (size_t at = GUARD; at < GUARD + 16; at++)
		set(at, 100 - at, 'c');
	step("values");
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		set(GUARD, 100, values[i]);
	return probe_end();
}
