/* SPDX-License-Identifier: Apache-2.0 */
/* bcmp() or memcmp() of strings that are equal, or differ in one byte or in several. */
#include "kit.h"

enum { LONG = 64 };

static bool by_bcmp;

/* What a call says: equal or different; memcmp() also which is the larger one. */
static unsigned char letter(const void *one, const void *other, size_t count)
{
	int result = (by_bcmp ? bcmp_unlogged : memcmp_unlogged)(one, other, count);

	if (!result)
		return '=';
	if (by_bcmp)
		return '#';
	return result < 0 ? '<' : '>';
}

/* Every pair of bytes, as strings of one. */
static void pair(uint32_t value, unsigned char *result)
{
	unsigned char one = (unsigned char)(value >> 8);
	unsigned char other = (unsigned char)value;

	*result = letter(&one, &other, 1);
}

/* The first value / LONG bytes of two strings that differ from place value % LONG on: there the one has
 * the smaller byte, and the larger one at all later places. */
static void place(uint32_t value, unsigned char *result)
{
	unsigned char one[LONG], other[LONG];
	size_t first = value % LONG;

	pattern_fill(one, LONG, 0, 1);
	memcpy(other, one, LONG);
	memset(one + first, 0x90, LONG - first);
	memset(other + first, 0x10, LONG - first);
	one[first] = 0x7f;
	other[first] = 0x80;
	*result = letter(one, other, value / LONG);
}

/* Equal strings of LONG bytes, at every pair of alignments up to 16. */
static void alignment(uint32_t value, unsigned char *result)
{
	unsigned char one[LONG + 16], other[LONG + 16];

	memset(one, '1', sizeof one);
	memset(other, '2', sizeof other);
	pattern_fill(one + value / 16, LONG, 0, 1);
	pattern_fill(other + value % 16, LONG, 0, 1);
	*result = letter(one + value / 16, other + value % 16, LONG);
}

static void see(const char *one, const char *other, size_t count)
{
	if (by_bcmp)
		see_bcmp(one, other, count);
	else
		see_memcmp(one, other, count);
}

int main(int argc, char **argv)
{
	const char *call;

	probe_begin(argc, argv);
	call = variant("call");
	by_bcmp = variant_is("call", "bcmp");
	step("chosen");
	see("", "", 0);
	see("a", "b", 0);
	see("abc", "abc", 3);
	see("abc", "abd", 3);
	see("abd", "abc", 3);
	see("abc", "abd", 2);
	see("b\x01", "a\xff", 2);
	see("\x7f", "\x80", 1);
	see("\xff", "\x01", 1);
	see("a\0b", "a\0c", 3); /* a zero ends nothing */
	see("a\0c", "a\0b", 3);
	step("pairs");
	see_run(call, 0, 1, 65536, 1, pair);
	step("places");
	see_run(call, 0, 1, (size_t)LONG * (LONG + 1), 1, place);
	step("alignments");
	see_run(call, 0, 1, 256, 1, alignment);
	return probe_end();
}
