/* SPDX-License-Identifier: Apache-2.0 */
/* connect() to a listening server on a socket whose connect() failed, and on a new one. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { LIMIT_MS = 5000 };

static struct name failing_name(void)
{
	if (variant_is("failure", "unreachable"))
		return name_of(UNREACHABLE, 7);
	if (variant_is("failure", "rejected"))
		return name_of(REJECTED, 7);
	return refusing_name(FAR, SOCK_STREAM);
}

static void fail(int s)
{
	struct name name = failing_name();

	see_connect(s, &name);
}

/* The failure comes after connect() has returned; the program learns it from SO_ERROR. */
static void fail_later(int s)
{
	int flags = must(fcntl(s, F_GETFL));

	must(fcntl(s, F_SETFL, flags | O_NONBLOCK));
	fail(s);
	see_poll(s, POLLOUT, LIMIT_MS);
	see_so_error(s);
	must(fcntl(s, F_SETFL, flags));
}

int main(int argc, char **argv)
{
	struct name server;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_listener(FAR, 2);
	server = name_of_socket(listener);
	s = open_socket(NEAR, SOCK_STREAM);

	step("failure");
	if (variant_is("failure", "refused_later"))
		fail_later(s);
	else
		fail(s);

	step("the same socket");
	if (see_connect(s, &server))
		see_connect(s, &server);

	step("a new socket");
	must(close(s));
	s = open_socket(NEAR, SOCK_STREAM);
	see_connect(s, &server);
	return probe_end();
}
