/* SPDX-License-Identifier: Apache-2.0 */
/* listen() on what cannot listen. */
#include "faults.h"

static void datagram(struct told *told)
{
	told->fd = open_bound(NEAR, SOCK_DGRAM);
}

static void unbound(struct told *told)
{
	told->fd = open_socket(NEAR, type());
}

static void connected(struct told *told)
{
	told->fd = open_link(type()).near;
}

/* Two sockets may have one port, as long as neither listens. */
static int open_sharing(const struct name *name)
{
	int fd = open_socket(NEAR, type());
	int on = 1;

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
	must(bind(fd, &name->any, name->length));
	return fd;
}

static void in_use(struct told *told)
{
	struct name name = name_of(NEAR, 0);
	int other = open_sharing(&name);

	name = name_of_socket(other);
	told->fd = open_sharing(&name);
	must(listen(other, 1));
}

static const struct fault faults[] = {
	{"datagram", datagram, NULL},
	{"unbound", unbound, NULL},
	{"connected", connected, NULL},
	{"in_use", in_use, NULL},
};

static struct told right(void)
{
	struct told told = told_of(open_bound(NEAR, type()));

	told.number = 5;
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"listen", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
