/* SPDX-License-Identifier: Apache-2.0 */
/* The path MTU of a socket that is not connected. */
#include "peer.h"

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	s = open_bound(NEAR, type());
	see_path_mtu(s);
	return probe_end();
}
