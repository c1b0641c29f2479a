/* SPDX-License-Identifier: Apache-2.0 */
/* connect() that is told something wrong, or at the wrong time. */
#include "faults.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

/* A socket that a client can be connected to. */
static struct name server_of(int type)
{
	if (type == SOCK_DGRAM)
		return name_of_socket(open_bound(FAR, type));
	return name_of_socket(open_listener_of(FAR, type, 8));
}

/* --- addresses ------------------------------------------------------------------------------------ */

static void refused(struct told *told)
{
	told->name = refusing_name(FAR, type());
}

static void of_another_type(struct told *told)
{
	told->name = server_of(type() == SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM);
}

static void no_socket(struct told *told)
{
	must(close(must(open("a-file", O_RDWR | O_CREAT | O_CLOEXEC, 0600))));
	told->name = path_name("a-file");
}

/* --- states --------------------------------------------------------------------------------------- */

static void connected(struct told *told)
{
	told->fd = open_link(type()).near;
}

static void listening(struct told *told)
{
	told->fd = open_listener_of(NEAR, type(), 1);
}

static int open_non_blocking(void)
{
	int fd = open_socket(NEAR, type());

	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

/* A server that leaves a SYN unanswered: its queue is full. */
static void silent(struct told *told)
{
	int listener = open_listener(FAR, 0);
	int filler = open_socket(FAR, SOCK_STREAM);

	told->name = name_of_socket(listener);
	must(connect(filler, &told->name.any, told->name.length));
	await_poll(listener, POLLIN);
	told->fd = open_non_blocking();
}

static void connecting(struct told *told)
{
	silent(told);
	if (!connect(told->fd, &told->name.any, told->name.length) || errno != EINPROGRESS)
		fault("connect() to a server that is silent has come to an end");
}

static const struct fault faults[] = {
	{"refused", refused, NULL},	  {"of_another_type", of_another_type, NULL},
	{"no_socket", no_socket, NULL},	  {"connected", connected, NULL},
	{"listening", listening, NULL},	  {"silent", silent, NULL},
	{"connecting", connecting, NULL},
};

static struct told right(void)
{
	struct told told = told_of(open_socket(NEAR, type()));

	told.name = server_of(type());
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"connect", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
