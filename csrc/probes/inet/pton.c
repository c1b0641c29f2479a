/* SPDX-License-Identifier: Apache-2.0 */
/* inet_pton() of the texts that the job gives. */
#include "kit.h"

static void see(const char *text)
{
	see_inet_pton(family(), text);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	each_text("text", see);
	return probe_end();
}
