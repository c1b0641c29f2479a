/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() and getsockname() on the two sockets of socketpair(), which have no names. */
#include "kit.h"

int main(int argc, char **argv)
{
	int ends[2];

	probe_begin(argc, argv);
	must(socketpair(AF_UNIX, type(), 0, ends));
	for (int i = 0; i < 2; i++) {
		step("end %d", i);
		see_both_names(ends[i]);
	}
	return probe_end();
}
