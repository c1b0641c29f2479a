/* SPDX-License-Identifier: Apache-2.0 */
/* accept() stores its client's address, in buffers shorter than it, exactly as long, and longer. */
#include "kit.h"

int main(int argc, char **argv)
{
	socklen_t lengths[BUFFER_LENGTHS_MAX];
	struct name server;
	size_t count = 1;
	int listener;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, BUFFER_LENGTHS_MAX);
	server = name_of_socket(listener);
	for (size_t i = 0; i < count; i++) {
		/* AF_UNIX clients have a name only if they are bound. */
		int client = family() == AF_UNIX ? open_bound(FAR, SOCK_STREAM)
						 : open_socket(FAR, SOCK_STREAM);
		struct name name;

		must(connect(client, &server.any, server.length));
		name = name_of_socket(client);
		if (i == 0)
			count = buffer_lengths(name.length, lengths);
		step("length %u", (unsigned)lengths[i]);
		note_name("client", &name);
		note_number("exact", name.length);
		name.length = lengths[i];
		see_accept(listener, &name);
	}
	return probe_end();
}
