/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() that is told something wrong, or of what is not connected. */
#include "faults.h"

#include <limits.h>

static struct link pair;

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
	struct told told;

	pair = open_link(type());
	told = told_of(pair.near);
	told.number = SHUT_WR;
	return told;
}

/* Whether a call that fails has ended something. */
static void look(bool wrong)
{
	if (wrong)
		see_exchange(pair.near, pair.far, 1);
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"shutdown", right, look, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
