/* SPDX-License-Identifier: Apache-2.0 */
/* getsockname() or getpeername() that is told something wrong, or of a socket without that name. */
#include "faults.h"

static void unconnected(struct told *told)
{
	told->fd = open_socket(NEAR, type());
}

static void bound(struct told *told)
{
	told->fd = open_bound(NEAR, type());
}

static void listening(struct told *told)
{
	told->fd = open_listener_of(NEAR, type(), 1);
}

static void shut_down(struct told *told)
{
	told->fd = open_link(type()).near;
	must(shutdown(told->fd, SHUT_RDWR));
}

static const struct fault faults[] = {
	{"unconnected", unconnected, NULL},
	{"bound", bound, NULL},
	{"listening", listening, NULL},
	{"shut_down", shut_down, NULL},
};

static struct told right(void)
{
	struct told told = told_of(open_link(type()).near);

	told.name.length = sizeof told.name.storage;
	return told;
}

int main(int argc, char **argv)
{
	struct subject subject = {NULL, right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	subject.function = variant("by");
	show_faults(&subject);
	return probe_end();
}
