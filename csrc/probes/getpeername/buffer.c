/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() with buffers shorter than the address, exactly as long, and longer. */
#include "kit.h"

/* connected=no: the socket has no peer, and the call fails whatever the buffer. */
int main(int argc, char **argv)
{
	socklen_t lengths[BUFFER_LENGTHS_MAX];
	struct name name;
	struct name peer;
	struct link link;
	size_t count;
	int s;

	probe_begin(argc, argv);
	link = open_link(type());
	peer = name_of_socket(link.far);
	note_name("peer", &peer);
	note_number("exact", peer.length);
	s = variant_is("connected", "yes") ? link.near : open_socket(NEAR, type());
	count = buffer_lengths(peer.length, lengths);
	for (size_t i = 0; i < count; i++) {
		step("length %u", (unsigned)lengths[i]);
		name.length = lengths[i];
		see_getpeername(s, &name);
	}
	return probe_end();
}
