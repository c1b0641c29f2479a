/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() on a UDP socket that was never connected. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	int s;

	probe_begin(argc, argv);
	s = open_socket(NEAR, SOCK_DGRAM);
	see_getpeername(s, &peer);
	return probe_end();
}
