/* SPDX-License-Identifier: Apache-2.0 */
/* A pipe and a socket have no position: lseek() on one, before and after read(). */
#include "kit.h"

int main(int argc, char **argv)
{
	struct link link = {.listener = -1};

	probe_begin(argc, argv);
	if (variant_is("kind", "pipe")) {
		int ends[2];

		must(pipe(ends));
		link.near = ends[1];
		link.far = ends[0];
	} else {
		link = open_stream_link();
	}
	step("before");
	see_lseek(link.near, 0, SEEK_CUR);
	see_lseek(link.far, 0, SEEK_SET);
	step("data");
	see_send(BY_WRITE, link.near, "hello", 5, 0, NULL);
	await_unread(link.far, 5);
	see_receive(BY_READ, link.far, 2, 0);
	step("after");
	see_lseek(link.near, 0, SEEK_CUR);
	see_lseek(link.far, 0, SEEK_SET);
	step("the rest");
	see_receive(BY_READ, link.far, 64, 0);
	return probe_end();
}
