/* SPDX-License-Identifier: Apache-2.0 */
/* One send() on a stream socket of more bytes than any message may have, while the peer receives. */
#include "kit.h"

enum { MEGABYTE = 1 << 20 };

static unsigned char data[MEGABYTE];

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct link link;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	link = open_stream_link();
	receiver_start(&receiver, "reader", BY_RECV, link.far, sizeof data, MSG_WAITALL);
	see_send(writer(), link.near, data, sizeof data, 0, NULL);
	/* Ends the stream, so that the reader wakes if less than all of it was sent. */
	must(see_close(link.near));
	sleeper_join(&receiver.sleeper);
	return probe_end();
}
