/* SPDX-License-Identifier: Apache-2.0 */
/* Where the fields of socket addresses lie in memory, beside those of the structures that are printed. */
#include "kit.h"

#include <stdio.h>

/* As they are printed.  s6_addr is a macro on most systems, and cannot be a field's name here. */
struct printed_in_addr {
	uint32_t s_addr;
};

struct printed_sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
};

struct printed_in6_addr {
	unsigned char bytes[16];
};

struct printed_sockaddr_in6 {
	sa_family_t sin6_family;
	in_port_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};

/* In bytes. */
struct place_of_field {
	const char *name;
	size_t offset;
	size_t size;
	size_t printed_offset;
	size_t printed_size;
	bool printed_type;
};

struct layout {
	const char *name;
	size_t size;
	size_t alignment;
	size_t printed_size;
	size_t printed_alignment;
};

#define SIZE_OF(structure, field) sizeof(((struct structure *)NULL)->field)

/* An array's type shows as a pointer to its first element. */
/* NOLINTBEGIN(bugprone-macro-parentheses): types cannot stand in parentheses */
#define HAS_TYPE(structure, field, type)                                                           \
	_Generic(((struct structure *)NULL)->field, type: true, default: false)
/* NOLINTEND(bugprone-macro-parentheses) */

#define FIELD(structure, field, printed_field, type)                                               \
	{#field,                                                                                   \
	 offsetof(struct structure, field),                                                        \
	 SIZE_OF(structure, field),                                                                \
	 offsetof(struct printed_##structure, printed_field),                                      \
	 SIZE_OF(printed_##structure, printed_field),                                              \
	 HAS_TYPE(structure, field, type)}

#define STRUCTURE(structure)                                                                       \
	{#structure, sizeof(struct structure), _Alignof(struct structure),                         \
	 sizeof(struct printed_##structure), _Alignof(struct printed_##structure)}

static const struct place_of_field fields[] = {
	FIELD(in_addr, s_addr, s_addr, uint32_t),
	FIELD(sockaddr_in, sin_family, sin_family, sa_family_t),
	FIELD(sockaddr_in, sin_port, sin_port, in_port_t),
	FIELD(sockaddr_in, sin_addr, sin_addr, struct in_addr),
	FIELD(in6_addr, s6_addr, bytes, unsigned char *),
	FIELD(sockaddr_in6, sin6_family, sin6_family, sa_family_t),
	FIELD(sockaddr_in6, sin6_port, sin6_port, in_port_t),
	FIELD(sockaddr_in6, sin6_flowinfo, sin6_flowinfo, uint32_t),
	FIELD(sockaddr_in6, sin6_addr, sin6_addr, struct in6_addr),
	FIELD(sockaddr_in6, sin6_scope_id, sin6_scope_id, uint32_t),
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
	note_of(field->name, "printed offset", field->printed_offset);
	note_of(field->name, "printed size", field->printed_size);
	note_of(field->name, "has the printed type", field->printed_type);
}

static void note_structure(const struct layout *layout)
{
	note_of(layout->name, "size", layout->size);
	note_of(layout->name, "alignment", layout->alignment);
	note_of(layout->name, "printed size", layout->printed_size);
	note_of(layout->name, "printed alignment", layout->printed_alignment);
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
