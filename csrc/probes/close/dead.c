/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are given the number of a descriptor which this process has closed. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { LIMIT_US = 10000 };

/* state=open, listening or connected: what the socket was like; *far is the peer, or -1. */
static int socket_in_state(int *far)
{
	struct link link;

	*far = -1;
	if (variant_is("state", "open"))
		return open_socket(NEAR, type());
	if (variant_is("state", "listening"))
		return open_listener(NEAR, 8);
	if (!variant_is("state", "connected"))
		fault("the variant's state=%s is not one of its choices", variant("state"));
	link = open_link(type());
	*far = link.far;
	return link.near;
}

/* A descriptor that is wrongly still open keeps no call waiting. */
static void limit_waits(int fd)
{
	struct timeval limit = {.tv_usec = LIMIT_US};

	must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
}

static void try_to_read(int fd)
{
	step("receiving");
	for (enum reader by = BY_READ; by <= BY_RECVMSG; by++)
		see_receive(by, fd, SAID, 0);
}

static void try_to_write(int fd)
{
	static const char text[] = "to nobody";

	step("sending");
	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++)
		see_send(by, fd, text, sizeof text, 0, NULL);
}

static void try_the_rest(int fd)
{
	struct name name = name_filled(0, sizeof name.storage);
	struct name somewhere = name_of(NEAR, 0);

	step("the rest");
	see_getsockname(fd, &name);
	see_getpeername(fd, &name);
	see_getsockopt(fd, SOL_SOCKET, "SO_TYPE", SO_TYPE);
	see_setsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, 1);
	see_bind(fd, &somewhere);
	see_listen(fd, 8);
	see_accept(fd, NULL);
	see_connect(fd, &somewhere);
	see_shutdown(fd, SHUT_RDWR);
	see_fcntl(fd, "F_GETFD", F_GETFD, 0);
	see_fcntl(fd, "F_GETFL", F_GETFL, 0);
	see_dup(fd);
	see_dup2(fd, STDIN_FILENO);
	see_close(fd);
	step("poll");
	see_poll(fd, POLLIN, 0);
}

int main(int argc, char **argv)
{
	struct hold hold = {.fd = -1};
	bool other;
	int far;
	int fd;

	probe_begin(argc, argv);
	hold_role();
	other = !variant_is("other", "none");
	fd = socket_in_state(&far);
	limit_waits(fd);
	if (other)
		hold_start(&hold, variant("other"), fd);
	step("close");
	note_number("closed", fd);
	see_close(fd);
	try_to_read(fd);
	try_to_write(fd);
	try_the_rest(fd);
	step("the other reference");
	if (other)
		hold_exchange(&hold, far, 1);
	return probe_end();
}
