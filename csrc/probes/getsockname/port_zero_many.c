/* SPDX-License-Identifier: Apache-2.0 */
/* Many sockets of one host are bound to port 0, at one address, and all stay open. */
#include "kit.h"

enum { SOCKETS = 32 };

int main(int argc, char **argv)
{
	struct name any;
	int sockets[SOCKETS];

	probe_begin(argc, argv);
	any = name_of(variant_is("address", "wildcard") ? WILDCARD : NEAR, 0);
	step("bound");
	for (int i = 0; i < SOCKETS; i++) {
		sockets[i] = open_socket(NEAR, type());
		must(bind(sockets[i], &any.any, any.length));
	}
	for (int round = 1; round <= 2; round++) {
		step("round %d", round);
		for (int i = 0; i < SOCKETS; i++) {
			struct name own = name_filled(0, sizeof own.storage);

			see_getsockname(sockets[i], &own);
		}
	}
	return probe_end();
}
