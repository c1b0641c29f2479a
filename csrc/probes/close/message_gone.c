/* SPDX-License-Identifier: Apache-2.0 */
/* The last reference to a connected socket is in a message that goes without having been taken. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct link link;
	struct name near;
	int over[2];

	probe_begin(argc, argv);
	link = open_stream_link();
	near = name_of_socket(link.near);
	note_name("near", &near);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, over));
	step("references");
	see_exchange(link.near, link.far, 1);
	pass_fd(over[0], link.near);
	step("1 left");
	see_close(link.near);
	see_close(over[0]);
	fence(NEAR);
	see_receive_now(BY_RECV, link.far, SAID);
	fence(NEAR);
	step("0 left");
	if (variant_is("way", "discarded"))
		see_close(over[1]);
	else if (variant_is("way", "no_room"))
		see_receive(BY_READ, over[1], 1, 0);
	else
		fault("the variant's way=%s is not one of its choices", variant("way"));
	fence(NEAR);
	see_arrival(link.far, SAID);
	return probe_end();
}
