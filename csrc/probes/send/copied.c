/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls whose caller overwrites the data when they have returned, while nobody has read it. */
#include "kit.h"

enum { SIZE = 1000 };

static void send_and_overwrite(int fd, unsigned seed)
{
	static unsigned char data[SIZE];

	pattern_fill(data, sizeof data, 0, seed);
	see_send(writer(), fd, data, sizeof data, 0, NULL);
	memset(data, 0xee, sizeof data);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	send_at_once(link.near);
	step("sent");
	send_and_overwrite(link.near, 1);
	send_and_overwrite(link.near, 2);
	step("the first received");
	see_receive_soon(BY_RECV, link.far, SIZE);
	step("the second received");
	see_receive_soon(BY_RECV, link.far, SIZE);
	return probe_end();
}
