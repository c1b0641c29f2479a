/* SPDX-License-Identifier: Apache-2.0 */
/* close() of numbers that are no descriptors. */
#include "kit.h"

#include <limits.h>

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	step("-1");
	see_close(-1);
	step("the least int");
	see_close(INT_MIN);
	step("the lowest free number");
	see_close(lowest_free_fd());
	step("the limit of descriptors");
	see_close((int)sysconf(_SC_OPEN_MAX));
	step("the greatest int");
	see_close(INT_MAX);
	return probe_end();
}
