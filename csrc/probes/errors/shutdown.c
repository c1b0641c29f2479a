/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() that is told something wrong, or of what is not connected. */
#include "faults.h"

#include <limits.h>

static void how_negative(struct told *told)
{
	told->number = -1;
}

static void how_beyond(struct told *told)
{
	told->number = 3;
}

static void how_huge(struct told *told)
{
	told->number = INT_MAX;
}

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

static const struct fault faults[] = {
	{"how_negative", how_negative, NULL},
	{"how_beyond", how_beyond, NULL},
	{"how_huge", how_huge, NULL},
	{"unconnected", unconnected, NULL},
	{"bound", bound, NULL},
	{"listening", listening, NULL},
};

static struct told right(void)
{
	struct told told = told_of(open_link(type()).near);

	told.number = SHUT_WR;
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"shutdown", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
