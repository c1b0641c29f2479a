/* SPDX-License-Identifier: Apache-2.0 */
/* The probes that were built together with this agent; the table itself is generated. */
#ifndef SOCKSPEC_PROBE_TABLE_H
#define SOCKSPEC_PROBE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct probe_entry {
	const char *name; /* INTERFACE/BEHAVIOUR */
	const char *hash; /* of the kit's and the probe's sources, 16 hexadecimal digits */
	bool waits;	  /* it calls waits(): it may take seconds in which it does nothing */
};

extern const struct probe_entry probe_table[]; /* sorted by name, bytewise */
extern const size_t probe_count;

#endif
