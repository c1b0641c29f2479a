/* SPDX-License-Identifier: Apache-2.0 */
/* getsockname() with buffers shorter than the address, exactly as long, and longer. */
#include "kit.h"

int main(int argc, char **argv)
{
	socklen_t lengths[BUFFER_LENGTHS_MAX];
	struct name name;
	struct name own;
	size_t count;
	int s;

	probe_begin(argc, argv);
	s = open_bound(NEAR, type());
	own = name_of_socket(s);
	note_name("own", &own);
	note_number("exact", own.length);
	count = buffer_lengths(own.length, lengths);
	for (size_t i = 0; i < count; i++) {
		step("length %u", (unsigned)lengths[i]);
		name.length = lengths[i];
		see_getsockname(s, &name);
	}
	return probe_end();
}
