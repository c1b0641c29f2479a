/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() and close() in either mode of a TCP socket with unsent data, without SO_LINGER and with it. */
#include "kit.h"

#include <fcntl.h>

enum { PIECE = 65536, PATIENCE_S = 60 };

static void close_it(void *argument)
{
	const int *fd = argument;

	see_close(*fd);
}

static void shut_down_it(void *argument)
{
	const int *fd = argument;

	see_shutdown(*fd, SHUT_WR);
}

static void end(const char *name, void (*work)(void *), const char *call, bool linger)
{
	struct linger patience = {.l_onoff = linger, .l_linger = PATIENCE_S};
	struct link link = open_narrow_link(SOCK_STREAM);
	size_t filled = fill_link(&link, PIECE);
	struct sleeper closer;

	must(setsockopt(link.near, SOL_SOCKET, SO_LINGER, &patience, sizeof patience));
	if (variant_is("mode", "nonblocking"))
		must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	step("%s", name);
	note_number("filled", (int64_t)filled);
	sleeper_start(&closer, "closer", work, &link.near);
	see_asleep(&closer, call);
	step("%s: the peer reads", name);
	see_drain(BY_READ, link.far, filled);
	see_receive_soon(BY_READ, link.far, 1);
	close(link.far); /* its FIN acknowledges the other at once */
	sleeper_join(&closer);
	close(link.listener);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	end("shutdown", shut_down_it, "shutdown", false);
	end("close", close_it, "close", false);
	end("close with SO_LINGER", close_it, "close", true);
	return probe_end();
}
