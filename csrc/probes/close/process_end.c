/* SPDX-License-Identifier: Apache-2.0 */
/* The process that has the last reference to a connected socket ends, or replaces itself, without
 * close(). */
#include "kit.h"

static enum hold_end end(void)
{
	if (variant_is("end", "exit"))
		return END_EXIT;
	if (variant_is("end", "kill"))
		return END_KILL;
	if (variant_is("end", "exec"))
		return END_EXEC;
	fault("the variant's end=%s is not one of its choices", variant("end"));
}

int main(int argc, char **argv)
{
	struct link link;
	struct hold hold;
	struct name near;

	probe_begin(argc, argv);
	hold_role();
	link = open_stream_link();
	near = name_of_socket(link.near);
	note_name("near", &near);
	step("references");
	hold_start(&hold, variant("by"), link.near);
	see_exchange(link.near, link.far, 3);
	step("1 left");
	see_close(link.near);
	fence(NEAR);
	hold_exchange(&hold, link.far, 1);
	fence(NEAR);
	step("0 left");
	hold_end(&hold, end());
	fence(NEAR);
	see_arrival(link.far, SAID);
	return probe_end();
}
