/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of which both ends are shut down, each in its own way. */
#include "kit.h"

static const struct {
	const char *name;
	int way;
} ways[] = {
	{"rd", SHUT_RD},
	{"wr", SHUT_WR},
	{"rdwr", SHUT_RDWR},
};

static bool receives(int way)
{
	return way == SHUT_WR;
}

static bool sends(int way)
{
	return way == SHUT_RD;
}

/* Data towards an end that does not receive any more is another probe's. */
static void try_direction(int from, int from_way, int to, int to_way)
{
	if (receives(to_way) || !sends(from_way))
		see_speak(from, 3);
	see_arrival(to, SAID);
}

static void see_both(size_t near, size_t far)
{
	struct link link = open_stream_link();

	step("%s here, %s there", ways[near].name, ways[far].name);
	see_exchange(link.near, link.far, 1);
	see_shutdown(link.near, ways[near].way);
	see_shutdown(link.far, ways[far].way);
	step("%s here, %s there: from here", ways[near].name, ways[far].name);
	try_direction(link.near, ways[near].way, link.far, ways[far].way);
	step("%s here, %s there: from there", ways[near].name, ways[far].name);
	try_direction(link.far, ways[far].way, link.near, ways[near].way);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t near = 0; near < 3; near++) {
		for (size_t far = 0; far < 3; far++)
			see_both(near, far);
	}
	return probe_end();
}
