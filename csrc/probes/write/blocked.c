/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking sending call with more data than there is space for, and the peer's reading that wakes it. */
#include "kit.h"

enum { MOST = 65536, LITTLE = 100 };

static unsigned char data[MOST];

int main(int argc, char **argv)
{
	struct sender sender;
	struct link link;
	size_t received = 0;
	size_t filled;
	size_t size;

	probe_begin(argc, argv);
	size = type() == SOCK_STREAM ? MOST : (size_t)variant_number("size");
	link = open_narrow_link(type());

	step("enough space");
	pattern_fill(data, LITTLE, 0, 1);
	sender_start(&sender, writer(), link.near, data, LITTLE, 0);
	see_sender_asleep(&sender);
	sleeper_join(&sender.sleeper);
	see_drain((enum reader)writer(), link.far, LITTLE);

	step("no space");
	filled = fill_link(&link, size);
	note_number("filled", (int64_t)filled);
	pattern_fill(data, size, filled, 0);
	sender_start(&sender, writer(), link.near, data, size, 0);
	see_sender_asleep(&sender);

	if (type() == SOCK_STREAM) {
		step("too little space");
		received = see_drain((enum reader)writer(), link.far, 1);
		await_still(&link);
		see_sender_asleep(&sender);
		note_number("taken", (int64_t)(received + bytes_held(&link) - filled));
	}

	step("the peer reads on");
	see_drain((enum reader)writer(), link.far, filled + size - received);
	see_sender_asleep(&sender);
	see_receive_now(BY_RECV, link.far, 1);
	shutdown(link.near, SHUT_RDWR); /* what wakes it on every target */
	sleeper_join(&sender.sleeper);
	return probe_end();
}
