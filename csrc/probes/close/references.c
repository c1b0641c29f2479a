/* SPDX-License-Identifier: Apache-2.0 */
/* The references to one connected socket are given up one after the other. */
#include "kit.h"

enum { HOLDS_MAX = 8, WORDS_MAX = 80 };

struct references {
	struct link link;
	struct hold holds[HOLDS_MAX];
	int count; /* without the original descriptor */
	unsigned seed;
};

/* by=KIND,KIND,...: what there is besides the original descriptor. */
static void take_references(struct references *all)
{
	static char words[WORDS_MAX];
	char *rest = words;
	char *kind;

	if (strlen(variant("by")) >= sizeof words)
		fault("by= has too many kinds");
	memcpy(words, variant("by"), strlen(variant("by")) + 1);
	while ((kind = strsep(&rest, ","))) {
		if (all->count == HOLDS_MAX)
			fault("by= has more than %d kinds", HOLDS_MAX);
		hold_start(&all->holds[all->count++], kind, all->link.near);
	}
}

/* Reference 0 is the original descriptor. */
static void exchange(struct references *all, int reference)
{
	all->seed += 2;
	if (reference)
		hold_exchange(&all->holds[reference - 1], all->link.far, all->seed);
	else
		see_exchange(all->link.near, all->link.far, all->seed);
}

static void give_up(struct references *all, int reference)
{
	if (reference)
		hold_end(&all->holds[reference - 1], END_CLOSE);
	else
		see_close(all->link.near);
}

int main(int argc, char **argv)
{
	struct references all = {.count = 0};
	struct name near;
	int total;
	int turn;

	probe_begin(argc, argv);
	hold_role();
	turn = (int)variant_number("turn"); /* which of them goes first */
	all.link = open_stream_link();
	near = name_of_socket(all.link.near);
	note_name("near", &near);
	step("references");
	take_references(&all);
	total = all.count + 1;
	exchange(&all, turn % total);
	for (int left = total; left--;) {
		int next = turn + total - left;

		fence(NEAR);
		step("%d left", left);
		give_up(&all, (next - 1) % total);
		fence(NEAR);
		if (left)
			exchange(&all, next % total);
	}
	see_arrival(all.link.far, SAID);
	return probe_end();
}
