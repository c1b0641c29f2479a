/* SPDX-License-Identifier: Apache-2.0 */
/* Where the fields of socket addresses lie in memory, and whether they have the printed types. */
#include "kit.h"

#include <stdio.h>

/* In bytes. */
struct place_of_field {
	const char *name;
	size_t offset;
	size_t size;
	bool has_printed_type;
};

struct layout {
	const char *name;
	size_t size;
	size_t alignment;
};

#define SIZE_OF(structure, field) sizeof(((struct structure *)NULL)->field)

/* An array's type shows as a pointer to its first element. */
/* NOLINTBEGIN(bugprone-macro-parentheses): types cannot stand in parentheses */
#define HAS_TYPE(structure, field, type)                                                           \
	_Generic(((struct structure *)NULL)->field, type: true, default: false)
/* NOLINTEND(bugprone-macro-parentheses) */

#define FIELD(structure, field, type)                                                              \
	{#field, offsetof(struct structure, field), SIZE_OF(structure, field),                     \
	 HAS_TYPE(structure, field, type)}

#define STRUCTURE(structure) {#structure, sizeof(struct structure), _Alignof(struct structure)}

static const struct place_of_field fields[] = {
	FIELD(in_addr, s_addr, uint32_t),
	FIELD(sockaddr_in, sin_family, sa_family_t),
	FIELD(sockaddr_in, sin_port, in_port_t),
	FIELD(sockaddr_in, sin_addr, struct in_addr),
	FIELD(in6_addr, s6_addr, unsigned char *),
	FIELD(sockaddr_in6, sin6_family, sa_family_t),
	FIELD(sockaddr_in6, sin6_port, in_port_t),
	FIELD(sockaddr_in6, sin6_flowinfo, uint32_t),
	FIELD(sockaddr_in6, sin6_addr, struct in6_addr),
	FIELD(sockaddr_in6, sin6_scope_id, uint32_t),
};

static const struct layout structures[] = {
	STRUCTURE(in_addr),
	STRUCTURE(sockaddr_in),
	STRUCTURE(in6_addr),
	STRUCTURE(sockaddr_in6),
};

/* A note whose name is "WHAT: MORE". */
static void note_of(const char *what, const char *more, size_t value)
{
	char name[64];

	snprintf(name, sizeof name, "%s: %s", what, more);
	note_number(name, (int64_t)value);
}

static void note_field(const struct place_of_field *field)
{
	note_of(field->name, "offset", field->offset);
	note_of(field->name, "size", field->size);
	note_of(field->name, "has the printed type", field->has_printed_type);
}

static void note_structure(const struct layout *layout)
{
	note_of(layout->name, "size", layout->size);
	note_of(layout->name, "alignment", layout->alignment);
}

/* Those that stand for an address of any family. */
static void note_general(void)
{
	note_of("sa_family", "offset", offsetof(struct sockaddr, sa_family));
	note_of("sa_family", "size", SIZE_OF(sockaddr, sa_family));
	note_of("ss_family", "offset", offsetof(struct sockaddr_storage, ss_family));
	note_of("sockaddr", "size", sizeof(struct sockaddr));
	note_of("sockaddr_storage", "size", sizeof(struct sockaddr_storage));
	note_of("sockaddr_storage", "alignment", _Alignof(struct sockaddr_storage));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		note_field(&fields[i]);
	for (size_t i = 0; i < sizeof structures / sizeof *structures; i++)
		note_structure(&structures[i]);
	note_general();
	return probe_end();
}
