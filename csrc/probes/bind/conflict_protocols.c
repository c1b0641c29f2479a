/* SPDX-License-Identifier: Apache-2.0 */
/* bind() to an address and port that a socket of another protocol has. */
#include "kit.h"

int main(int argc, char **argv)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};

	probe_begin(argc, argv);
	for (int i = 0; i < 2; i++) {
		_cleanup_fd_ int first = open_bound(NEAR, types[i]);
		_cleanup_fd_ int second = open_socket(NEAR, types[1 - i]);
		struct name name = name_of_socket(first);

		step(i ? "UDP first" : "TCP first");
		note_name("first", &name);
		see_bind(second, &name);
	}
	return probe_end();
}
