/* SPDX-License-Identifier: Apache-2.0 */
/* How the bytes of integers of every width lie in memory. */
#include "kit.h"

/* The value of an integer type whose bytes, the highest first, are 01 02 03 ... */
static uint64_t counted(size_t size)
{
	uint64_t value = 0;

	for (size_t i = 1; i <= size; i++)
		value = value << 8 | i;
	return value;
}

#define NOTE_VALUE(type, value)                                                                    \
	do {                                                                                       \
		const type integer = (type)(value);                                                \
		note_bytes(#type, &integer, sizeof integer);                                       \
	} while (0)

#define NOTE(type) NOTE_VALUE(type, counted(sizeof(type)))

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	step("counted");
	NOTE(unsigned short);
	NOTE(unsigned int);
	NOTE(unsigned long);
	NOTE(unsigned long long);
	NOTE(uint16_t);
	NOTE(uint32_t);
	NOTE(uint64_t);
	step("one");
	NOTE_VALUE(short, 1);
	NOTE_VALUE(int, 1);
	NOTE_VALUE(long, 1);
	NOTE_VALUE(long long, 1);
	return probe_end();
}
