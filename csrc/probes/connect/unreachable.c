/* SPDX-License-Identifier: Apache-2.0 */
/* connect() to an address that no route leads to, or that a route rejects. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct name peer;
	int s;

	probe_begin(argc, argv);
	peer = name_of(variant_is("place", "rejected") ? REJECTED : UNREACHABLE, 7);
	s = open_socket(NEAR, SOCK_STREAM);
	fence(NEAR);
	see_connect(s, &peer);
	fence(NEAR);
	see_so_error(s);
	return probe_end();
}
