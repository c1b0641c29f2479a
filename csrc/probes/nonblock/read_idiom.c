/* SPDX-License-Identifier: Apache-2.0 */
/* The article's read idiom (lines 450-460) on a non-blocking stream socket in every state it can be in. */
#include "idioms.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

enum { LENGTH = 64 };

static void see_told(const char *name, int fd)
{
	step("%s", name);
	note_number(name, read_some(fd, LENGTH));
}

static struct link open_nonblocking_link(void)
{
	struct link link = open_stream_link();

	must(fcntl(link.near, F_SETFL, O_RDWR | O_NONBLOCK));
	return link;
}

static void see_data_and_end(void)
{
	struct link link = open_nonblocking_link();

	see_told("nothing there", link.near);
	send_all(link.far, "hello", 5);
	await_unread(link.near, 5);
	see_told("data", link.near);
	see_told("nothing more", link.near);
	must(raise(SIGUSR1));
	await_signals(1);
	see_told("nothing there after a signal", link.near);
	must(shutdown(link.far, SHUT_WR));
	await_poll(link.near, POLLIN);
	see_told("the end of the stream", link.near);
	see_told("the end of the stream again", link.near);
	close_link(&link);
}

static void see_reset(void)
{
	struct linger none = {.l_onoff = 1};
	struct link link = open_nonblocking_link();

	send_all(link.near, "unread", 6); /* what makes AF_UNIX, too, end with a reset */
	await_unread(link.far, 6);
	must(setsockopt(link.far, SOL_SOCKET, SO_LINGER, &none, sizeof none));
	must(close(link.far));
	await_poll(link.near, POLLIN);
	see_told("a reset", link.near);
	close(link.near);
	close(link.listener);
}

/* What a connect() that nobody answered left: AF_UNIX tells it at once, TCP by the next call. */
static void see_refused(void)
{
	struct name name = refusing_name(FAR, SOCK_STREAM);
	int s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	if (!connect(s, &name.any, name.length))
		fault("a connection where nobody listens");
	if (errno == EINPROGRESS)
		await_poll(s, POLLIN);
	see_told("a refused connection", s);
	close(s);
}

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	see_data_and_end();
	see_reset();
	see_refused();
	s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	see_told("no connection", s);
	close(s);
	see_told("no descriptor", s);
	return probe_end();
}
