/* SPDX-License-Identifier: Apache-2.0 */
/* recvfrom() with NULL for the address and for its length. */
#include "kit.h"

#include <poll.h>

int main(int argc, char **argv)
{
	static const char data[] = "from whom does not matter";
	struct link link;

	probe_begin(argc, argv);
	link = type() == SOCK_STREAM ? open_stream_link() : open_datagram_link();
	send_all(link.far, data, strlen(data));
	await_poll(link.near, POLLIN);
	see_recvfrom(link.near, 64, 0, NULL);
	return probe_end();
}
