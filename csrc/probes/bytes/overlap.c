/* SPDX-License-Identifier: Apache-2.0 */
/* bcopy() between regions that overlap, by a few bytes and by nearly all, upwards and downwards. */
#include "kit.h"

enum { MIDDLE = 8000 };

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1, 2, 3, 8, 15, 16, 17, 33, 64, 100, 129, 257, 1000, 4097};
	static const size_t shifts[] = {0,  1,	2,  3,	7,  8,	 9,   16,
					31, 32, 63, 64, 65, 128, 511, 4096};

	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		for (size_t j = 0; j < sizeof shifts / sizeof shifts[0] && shifts[j] < sizes[i];
		     j++) {
			see_bcopy(MIDDLE, MIDDLE + shifts[j], sizes[i]);
			if (shifts[j])
				see_bcopy(MIDDLE, MIDDLE - shifts[j], sizes[i]);
		}
	}
	return probe_end();
}
