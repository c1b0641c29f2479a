/* SPDX-License-Identifier: Apache-2.0 */
/* bind() of a TCP server that starts again, at the address of the one before it, which is closed. */
#include "kit.h"

#include <poll.h>

/* On which of the two servers SO_REUSEADDR is set. */
static const struct {
	const char *words;
	bool first;
	bool second;
} uses[] = {
	{"nothing set", false, false},
	{"SO_REUSEADDR on the first", true, false},
	{"SO_REUSEADDR on the second", false, true},
	{"SO_REUSEADDR on both", true, true},
};

static int open_server(bool reuse)
{
	int s = open_socket(NEAR, SOCK_STREAM);
	int on = reuse;

	must(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
	return s;
}

/* `one` closes first, and TIME-WAIT is where it is; the end of `other` has been acknowledged by then. */
static void close_both(int one, int other)
{
	must(shutdown(one, SHUT_WR));
	await_poll(other, POLLIN);
	must(shutdown(other, SHUT_WR));
	await_poll(one, POLLIN);
	await_acknowledged(other);
	must(close(other));
	must(close(one));
}

/* The connection of the first server, by its end.  The descriptors are -1 if they are closed. */
static struct link connection(const char *end, int server)
{
	struct link link = {-1, -1, server};
	struct name name = name_of_socket(server);

	if (!strcmp(end, "none"))
		return link;
	link.far = open_socket(FAR, SOCK_STREAM);
	must(connect(link.far, &name.any, name.length));
	link.near = must(accept(server, NULL, NULL));
	if (!strcmp(end, "open"))
		return link;
	if (!strcmp(end, "closed by the server"))
		close_both(link.near, link.far);
	else
		close_both(link.far, link.near);
	link.near = link.far = -1;
	return link;
}

static void see_again(const char *end, bool first, bool second)
{
	int server = open_server(first);
	_cleanup_fd_ int again = open_server(second);
	struct name any = name_of(WILDCARD, 0);
	struct link link;

	must(bind(server, &any.any, any.length));
	must(listen(server, 1));
	any = name_of_socket(server);
	link = connection(end, server);
	must(close(server));
	see_bind(again, &any);
	cleanup_fd(&link.far);
	cleanup_fd(&link.near);
}

int main(int argc, char **argv)
{
	static const char *const all[] = {"none", "closed by the client", "closed by the server",
					  "open"};

	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		for (size_t k = 0; k < sizeof uses / sizeof *uses; k++) {
			step("%s, %s", all[i], uses[k].words);
			see_again(all[i], uses[k].first, uses[k].second);
		}
	}
	return probe_end();
}
