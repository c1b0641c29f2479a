/* SPDX-License-Identifier: Apache-2.0 */
/* The SYNs of two connections to one address of the peer's. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow second;
	struct flow first;

	probe_begin(argc, argv);
	first = peer_listens();
	second = first;
	see_connect_begin(&first);
	second.near = name_of(NEAR, 0);
	see_connect_begin(&second);
	return probe_end();
}
