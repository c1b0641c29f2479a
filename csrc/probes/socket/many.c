/* SPDX-License-Identifier: Apache-2.0 */
/* Many sockets are open at once; each is asked for its own name. */
#include "kit.h"

enum { SOCKETS = 24 };

int main(int argc, char **argv)
{
	int fds[SOCKETS];

	probe_begin(argc, argv);
	step("open");
	for (int i = 0; i < SOCKETS; i++) {
		struct name name;

		fds[i] = see_socket(family(), type(), 0);
		name = name_of(NEAR, family() == AF_UNIX ? (uint16_t)(i + 1) : 0);
		must(bind(fds[i], &name.any, name.length));
		name = name_of_socket(fds[i]);
		note_name("bound", &name);
	}
	step("asked");
	for (int i = 0; i < SOCKETS; i++) {
		struct name name = name_filled(0, sizeof name.storage);

		see_getsockname(fds[i], &name);
	}
	step("closed");
	for (int i = 0; i < SOCKETS; i += 2)
		see_close(fds[i]);
	step("asked again");
	for (int i = 1; i < SOCKETS; i += 2) {
		struct name name = name_filled(0, sizeof name.storage);

		see_getsockname(fds[i], &name);
	}
	return probe_end();
}
