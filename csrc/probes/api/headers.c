/* SPDX-License-Identifier: Apache-2.0 */
/* What a program finds declared that includes one header, or two, and nothing else. */
#include "api_facts.h"
#include "kit.h"

/* The compiler was asked when this was configured; see meson.build. */
struct fact {
	const char *what;
	int found;
};

#define FACT(what, found) {what, found},
static const struct fact facts[] = {HEADER_FACTS};

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		note_number(facts[i].what, facts[i].found);
	return probe_end();
}
