/* SPDX-License-Identifier: Apache-2.0 */
/* inet_network() of the texts that the job gives. */
#include "kit.h"

static void see(const char *text)
{
	see_inet_network(text);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	each_text("text", see);
	return probe_end();
}
