/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call whose buffer is smaller than what one sending call sent. */
#include "kit.h"

enum { LONG = 1000, PART = 300 };

int main(int argc, char **argv)
{
	static char data[LONG];
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	pattern_fill(data, sizeof data, 0, 1);
	see_send(BY_SEND, link.far, data, sizeof data, 0, NULL);
	await_unread(link.near, sizeof data);
	see_send(BY_SEND, link.far, "next", 4, 0, NULL);
	step("the part that fits");
	see_receive(reader(), link.near, PART, 0);
	await_unread(link.near, 4);
	step("what comes next");
	see_receive(reader(), link.near, 64, 0);
	return probe_end();
}
