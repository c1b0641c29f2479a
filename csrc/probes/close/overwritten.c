/* SPDX-License-Identifier: Apache-2.0 */
/* dup2() takes over the descriptors of a connected socket, one after the other. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct link link;
	struct link other;
	struct name near;
	int copy;

	probe_begin(argc, argv);
	link = open_stream_link();
	other = open_stream_link();
	near = name_of_socket(link.near);
	note_name("near", &near);
	step("references");
	copy = see_dup(link.near);
	see_exchange(link.near, link.far, 1);
	step("1 left");
	see_dup2(other.near, link.near);
	fence(NEAR);
	see_exchange(copy, link.far, 3);
	see_exchange(link.near, other.far, 5);
	fence(NEAR);
	step("0 left");
	see_dup2(other.near, copy);
	fence(NEAR);
	see_arrival(link.far, SAID);
	step("the other's");
	see_exchange(copy, other.far, 7);
	return probe_end();
}
