/* SPDX-License-Identifier: Apache-2.0 */
/* close() of what is not open. */
#include "faults.h"

static struct told right(void)
{
	return told_of(open_bound(NEAR, type()));
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"close", right, NULL, NULL, 0};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
