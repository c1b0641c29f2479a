/* SPDX-License-Identifier: Apache-2.0 */
/* bcopy() or memcpy() of every small and some large numbers of bytes, between regions that lie apart, at
 * every alignment. */
#include "kit.h"

enum { GUARD = 64, LOW = GUARD, HIGH = BYTES / 2 };

static void copy(size_t source, size_t destination, size_t count)
{
	if (variant_is("call", "bcopy"))
		see_bcopy(source, destination, count);
	else
		see_memcpy(destination, source, count);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {0,   1,	 2,   3,   4,	5,   7,	   8,	 9,    15,   16,
				       17,  31,	 32,  33,  63,	64,  65,   127,	 128,  129,  255,
				       256, 257, 511, 512, 513, 999, 1000, 4095, 4096, 4097, 8000};

	probe_begin(argc, argv);
	step("sizes");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		copy(LOW, HIGH, sizes[i]);
		copy(HIGH, LOW, sizes[i]);
	}
	step("alignments");
	for (size_t at = 0; at < 16; at++) {
		copy(LOW + at, HIGH, 100);
		copy(LOW, HIGH + at, 100);
	}
	step("neighbours"); /* that touch, and do not overlap */
	for (size_t count = 1; count <= 256; count *= 2) {
		copy(HIGH, HIGH + count, count);
		copy(HIGH, HIGH - count, count);
	}
	return probe_end();
}
