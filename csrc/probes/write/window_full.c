/* SPDX-License-Identifier: Apache-2.0 */
/* Non-blocking writes into a send buffer that the peer's closed window keeps full, and its emptying. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>

enum { MORE_THAN_FITS = 65536, LITTLE = 50 };

static unsigned char data[MORE_THAN_FITS];

int main(int argc, char **argv)
{
	int flags = 0;
	struct flow flow;
	ssize_t taken;
	int fd;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	fd = open_blocked_flow(&flow);
	if (variant_is("mode", "flag"))
		flags = MSG_DONTWAIT;
	else
		must(fcntl(fd, F_SETFL, O_NONBLOCK));
	step("filling");
	taken = see_send(writer(), fd, data, sizeof data, flags, NULL);
	settle();
	step("full");
	see_poll(fd, POLLOUT, 0);
	see_send(writer(), fd, data, sizeof data, flags, NULL);
	settle();
	step("emptied");
	peer_offers(&flow, UINT16_MAX);
	peer_takes(&flow, taken > 0 ? (size_t)taken : 0);
	settle();
	see_poll(fd, POLLOUT, 0);
	step("space");
	see_send(writer(), fd, data, LITTLE, flags, NULL);
	peer_takes(&flow, LITTLE);
	settle();
	return probe_end();
}
