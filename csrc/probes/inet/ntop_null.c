/* SPDX-License-Identifier: Apache-2.0 */
/* inet_ntop() without a buffer: NULL, of a size that would do, and of no size. */
#include "kit.h"

static const unsigned char address[16] = {192, 0, 2, 1};

static void with_a_size(void)
{
	see_inet_ntop_null(family(), address, INET6_ADDRSTRLEN);
}

static void without_a_size(void)
{
	see_inet_ntop_null(family(), address, 0);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	if (variant_is("size", "0"))
		note_end_of(without_a_size);
	else
		note_end_of(with_a_size);
	step("with a buffer");
	see_inet_ntop(family(), address, INET6_ADDRSTRLEN);
	return probe_end();
}
