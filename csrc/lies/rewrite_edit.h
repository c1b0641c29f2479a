/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of one packet, byte by byte; checksums and lengths follow. */
#ifndef SOCKSPEC_REWRITE_EDIT_H
#define SOCKSPEC_REWRITE_EDIT_H

#include "packet.h"
#include "rewrite.h"

struct edit {
	enum way way;
	size_t size;
	unsigned char bytes[REWRITE_ROOM];
	struct packet packet; /* as read; its data point into `bytes` */
	bool is_read;	      /* false: `packet` has the IP header at most */
	size_t transport;     /* where the header behind IP's stands; 0: this packet has none */
};

enum checksum_wish { SUM_FOLLOWS, SUM_WRONG, SUM_RIGHT, SUM_NONE };

/* False: it is no IP packet, or too long. */
bool edit_begin(struct edit *edit, enum way way, const unsigned char *bytes, size_t size);

/* The lengths are right already.  A checksum that was wrong before stays as wrong as it was, unless it
 * shall be right. */
void edit_end(struct edit *edit, const struct edit *before, enum checksum_wish wish);

/* The fields of a rule, by their names; NULL: there is none. */
struct field;
const struct field *field_named(const char *name);

/* Each returns false where the packet has no such thing. */
bool edit_field(struct edit *edit, const struct field *field, char sign, uint32_t value);
bool edit_flags(struct edit *edit, unsigned set, unsigned clear);
bool edit_no_option(struct edit *edit, unsigned kind);
bool edit_no_options(struct edit *edit);
bool edit_option_flipped(struct edit *edit, unsigned kind);
bool edit_option_cut(struct edit *edit, unsigned kind);
bool edit_option_added(struct edit *edit, unsigned kind); /* one that is not there */
bool edit_mss(struct edit *edit, char sign, uint32_t value);
bool edit_cut(struct edit *edit, size_t size);
bool edit_grow(struct edit *edit, size_t size);
bool edit_flip(struct edit *edit, size_t at); /* SIZE_MAX: the last byte */
bool edit_address(struct edit *edit, bool source, const unsigned char *address);

#endif
