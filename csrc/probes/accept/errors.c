/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of accept() that fail, one for each cause, and the descriptors that are open around them. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

static void see_failure(const char *cause, int s, socklen_t length)
{
	struct name peer = {.length = length};

	step("%s", cause);
	note_open_fds();
	see_accept(s, &peer);
	note_open_fds();
}

static void see_no_sockets(void)
{
	int ends[2];
	int file = must(open("/dev/null", O_RDWR | O_CLOEXEC));

	must(pipe(ends));
	see_failure("a pipe", ends[0], sizeof(struct sockaddr_storage));
	see_failure("a file", file, sizeof(struct sockaddr_storage));
	must(close(file));
	see_failure("closed", file, sizeof(struct sockaddr_storage));
	see_failure("minus one", -1, sizeof(struct sockaddr_storage));
}

static void add_client(int listener)
{
	struct name name = name_of_socket(listener);
	int client = open_socket(FAR, type());

	must(connect(client, &name.any, name.length));
	await_poll(listener, POLLIN);
}

/* A client waits, and no number is free. */
static void see_no_descriptor_left(int listener)
{
	struct rlimit before;
	struct rlimit none;

	add_client(listener);
	must(getrlimit(RLIMIT_NOFILE, &before));
	none = before;
	none.rlim_cur = (rlim_t)lowest_free_fd();
	must(setrlimit(RLIMIT_NOFILE, &none));
	see_failure("no descriptor left", listener, sizeof(struct sockaddr_storage));
	must(setrlimit(RLIMIT_NOFILE, &before));
	step("descriptors left again");
	see_accept(listener, NULL);
}

int main(int argc, char **argv)
{
	int listener;

	probe_begin(argc, argv);
	see_no_sockets();
	see_failure("not listening", open_bound(NEAR, type()), sizeof(struct sockaddr_storage));
	see_failure("a datagram socket", open_bound(NEAR, SOCK_DGRAM),
		    sizeof(struct sockaddr_storage));
	listener = open_listener_of(NEAR, type(), 4);
	must(fcntl(listener, F_SETFL, O_NONBLOCK));
	see_failure("nobody waits", listener, sizeof(struct sockaddr_storage));
	see_no_descriptor_left(listener);
	add_client(listener);
	see_failure("a negative length", listener, (socklen_t)-1);
	return probe_end();
}
