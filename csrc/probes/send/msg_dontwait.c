/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_DONTWAIT on a sending call with more data than all buffers hold: that one call does not wait. */
#include "kit.h"

#include <fcntl.h>

static char data[16 * NARROW];

static void start(struct sender *sender, int fd, int flags)
{
	sender_start(sender, writer(), fd, data, sizeof data, flags);
	see_sender_asleep(sender);
}

int main(int argc, char **argv)
{
	struct sender sender;
	struct link link;

	probe_begin(argc, argv);
	link = open_narrow_link(SOCK_STREAM);
	if (variant_is("mode", "nonblocking"))
		must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	pattern_fill(data, sizeof data, 0, 1);

	step("before");
	see_get_flags(link.near);
	step("with the flag");
	start(&sender, link.near, MSG_DONTWAIT);
	sleeper_join(&sender.sleeper);
	step("with the flag again");
	start(&sender, link.near, MSG_DONTWAIT);
	sleeper_join(&sender.sleeper);
	step("after");
	see_get_flags(link.near);

	step("without the flag");
	start(&sender, link.near, 0);
	see_close(link.far);
	sleeper_join(&sender.sleeper);
	return probe_end();
}
