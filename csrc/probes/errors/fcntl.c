/* SPDX-License-Identifier: Apache-2.0 */
/* fcntl() for the status flags that is told something wrong. */
#include "faults.h"

#include <fcntl.h>

static void command_unknown(struct told *told)
{
	told->number = 9999;
}

static void command_negative(struct told *told)
{
	told->number = -1;
}

static const struct fault faults[] = {
	{"command_unknown", command_unknown, NULL},
	{"command_negative", command_negative, NULL},
};

static struct told right(void)
{
	struct told told = told_of(open_socket(NEAR, type()));

	told.number = variant_is("command", "getfl") ? F_GETFL : F_SETFL;
	told.flags = O_NONBLOCK;
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"fcntl", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
