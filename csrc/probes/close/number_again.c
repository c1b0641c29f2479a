/* SPDX-License-Identifier: Apache-2.0 */
/* The number of a closed descriptor is given out again, while another descriptor still refers to the
 * socket that had it. */
#include "kit.h"

/* by=socket, dup or accept: what gives out a descriptor next. */
static int next_descriptor(const struct link *other)
{
	struct name name = name_of_socket(other->listener);
	int client;

	if (variant_is("by", "accept")) {
		client = open_socket(NEAR, SOCK_STREAM);
		must(connect(client, &name.any, name.length));
		note_open_fds();
		return see_accept(other->listener, NULL);
	}
	note_open_fds();
	if (variant_is("by", "socket"))
		return see_socket(family(), SOCK_STREAM, 0);
	if (variant_is("by", "dup"))
		return see_dup(other->far);
	fault("the variant's by=%s is not one of its choices", variant("by"));
}

int main(int argc, char **argv)
{
	struct name again = name_filled(0, sizeof again.storage);
	struct name old = again;
	struct link link;
	struct link other;
	struct name near;
	int spare;
	int copy;

	probe_begin(argc, argv);
	spare = open_socket(NEAR, SOCK_STREAM); /* a free number for accept()'s client */
	link = open_stream_link();
	other = open_stream_link();
	near = name_of_socket(link.near);
	note_name("near", &near);
	copy = must(dup(link.near));
	if (variant_is("by", "accept"))
		close(spare);
	step("close");
	see_close(link.near);
	step("again");
	next_descriptor(&other);
	see_getsockname(link.near, &again);
	see_getsockname(copy, &old);
	step("the old connection");
	see_exchange(copy, link.far, 1);
	return probe_end();
}
