/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of one packet.  The checksum is brought up to date by the difference (RFC 1624), so that it
 * does not matter what stands between the IP header and the transport's, nor where a fragment ends. */
#include "rewrite_edit.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
	IPV4_CHECKSUM = 10,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	SHORT_HEADER = 8, /* of UDP and ICMP */
	MSS_OPTION = 2,
	TCP_HEADER_MAX = 60,
};

static uint32_t get(const unsigned char *at, size_t width)
{
	uint32_t value = 0;

	for (size_t i = 0; i < width; i++)
		value = value << 8 | at[i];
	return value;
}

static void put(unsigned char *at, size_t width, uint32_t value)
{
	for (size_t i = width; i > 0; i--, value >>= 8)
		at[i - 1] = (unsigned char)value;
}

static bool is_inet(const struct edit *edit)
{
	return edit->packet.family == AF_INET;
}

static bool is_tcp(const struct edit *edit)
{
	return edit->transport && edit->packet.protocol == IPPROTO_TCP;
}

static bool is_udp(const struct edit *edit)
{
	return edit->transport && edit->packet.protocol == IPPROTO_UDP;
}

static bool is_icmp(const struct edit *edit)
{
	return edit->transport && !is_tcp(edit) && !is_udp(edit);
}

static bool is_fragment(const struct edit *edit)
{
	return edit->packet.fragment || edit->packet.more_fragments;
}

/* --- begin and end ------------------------------------------------------------------------------- */

static size_t header_size(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP ? TCP_HEADER + packet->options_size : SHORT_HEADER;
}

static void read_again(struct edit *edit)
{
	const struct packet *packet = &edit->packet;

	edit->transport = 0;
	edit->is_read = packet_parse(&edit->packet, edit->bytes, edit->size);
	if (edit->is_read && !packet->fragment)
		edit->transport = (size_t)(packet->data - edit->bytes) - header_size(packet);
}

/* Without what a link may have padded it with. */
static void trim(struct edit *edit)
{
	size_t said =
		is_inet(edit) ? get(edit->bytes + 2, 2) : IPV6_HEADER + get(edit->bytes + 4, 2);

	if (edit->is_read && said < edit->size)
		edit->size = said;
}

bool edit_begin(struct edit *edit, enum way way, const unsigned char *bytes, size_t size)
{
	edit->way = way;
	edit->size = size;
	if (!size || size > sizeof edit->bytes)
		return false;
	memcpy(edit->bytes, bytes, size);
	read_again(edit);
	if (edit->packet.family == AF_UNSPEC)
		return false;
	trim(edit);
	return true;
}

/* Of all that the transport's checksum is made of (RFC 9293, 3.1; RFC 8200, 8.1), itself included. */
static uint32_t transport_sum(const struct edit *edit)
{
	size_t size = edit->size - edit->transport;
	uint32_t total = 0;

	if (edit->packet.protocol != IPPROTO_ICMP) {
		size_t place = is_inet(edit) ? 12 : 8;
		size_t addresses = is_inet(edit) ? 8 : 32;

		total = is_udp(edit) ? get(edit->bytes + edit->transport + 4, 2) : (uint32_t)size;
		total += edit->packet.protocol;
		total = packet_sum(total, edit->bytes + place, addresses);
	}
	return packet_sum(total, edit->bytes + edit->transport, size);
}

static uint16_t plain(uint32_t total)
{
	return (uint16_t)~packet_folded(total);
}

/* RFC 1624, 3. */
static void follow(unsigned char *at, uint32_t before, uint32_t now)
{
	uint32_t total = (uint16_t)~get(at, 2);

	total += packet_folded(before);
	total += plain(now);
	put(at, 2, packet_folded(total));
}

static unsigned char *transport_checksum(struct edit *edit)
{
	size_t place = is_tcp(edit) ? 16 : is_udp(edit) ? 6 : 2;

	return edit->bytes + edit->transport + place;
}

static void make_right(struct edit *edit)
{
	unsigned char *at = transport_checksum(edit);

	put(at, 2, 0);
	put(at, 2, packet_folded(transport_sum(edit)));
}

static void end_transport(struct edit *edit, const struct edit *before, enum checksum_wish wish)
{
	unsigned char *at = transport_checksum(edit);
	bool has_none = is_udp(edit) && !get(at, 2);

	if (wish == SUM_RIGHT && !is_fragment(edit))
		make_right(edit);
	else if (!has_none)
		follow(at, transport_sum(before), transport_sum(edit));
	if (wish == SUM_WRONG)
		at[1] ^= 1;
	if (wish == SUM_NONE)
		put(at, 2, 0);
	else if (is_udp(edit) && !get(at, 2) && (!has_none || wish == SUM_RIGHT))
		put(at, 2, 0xffff); /* 0 says that there is none (RFC 768) */
}

static size_t inet_header(const struct edit *edit)
{
	return (size_t)4 * (edit->bytes[0] & 15);
}

void edit_end(struct edit *edit, const struct edit *before, enum checksum_wish wish)
{
	if (edit->transport && before->transport)
		end_transport(edit, before, wish);
	if (is_inet(edit) && edit->is_read)
		follow(edit->bytes + IPV4_CHECKSUM,
		       packet_sum(0, before->bytes, inet_header(before)),
		       packet_sum(0, edit->bytes, inet_header(edit)));
	read_again(edit);
}

/* --- fields -------------------------------------------------------------------------------------- */

/* Where a number stands: in `width` bytes, without the `shift` lowest bits, under a mask. */
struct place {
	unsigned char *at;
	size_t width;
	unsigned shift;
	uint32_t mask;
};

struct field {
	const char *name;
	bool (*is_there)(const struct edit *edit);
	size_t at; /* of the header that has it */
	size_t width;
	unsigned shift;
	uint32_t mask; /* 0: all of it */
	enum { IN_IP, IN_TRANSPORT, IN_OPTION } in;
	unsigned char kind; /* of the option */
};

static bool has_ports(const struct edit *edit)
{
	return is_tcp(edit) || is_udp(edit);
}

static bool has_inet(const struct edit *edit)
{
	return edit->is_read && is_inet(edit);
}

static bool is_any(const struct edit *edit)
{
	return edit->is_read;
}

/* Those that are elsewhere in IPv6, or on the way in, are moved by locate(). */
enum { NEAR_PORT, PEER_PORT, TTL_FIELD, TOS_FIELD };

static const struct field fields[] = {
	[NEAR_PORT] = {"port", has_ports, 0, 2, .in = IN_TRANSPORT},
	[PEER_PORT] = {"peerport", has_ports, 2, 2, .in = IN_TRANSPORT},
	[TTL_FIELD] = {"ttl", is_any, 8, 1, .in = IN_IP},
	[TOS_FIELD] = {"tos", is_any, 1, 1, .in = IN_IP},
	{"ident", has_inet, 4, 2, .in = IN_IP},
	{"df", has_inet, 6, 2, 14, 1, .in = IN_IP},
	{"mf", has_inet, 6, 2, 13, 1, .in = IN_IP},
	{"offset", has_inet, 6, 2, 0, 0x1fff, .in = IN_IP},
	{"seq", is_tcp, 4, 4, .in = IN_TRANSPORT},
	{"ack", is_tcp, 8, 4, .in = IN_TRANSPORT},
	{"window", is_tcp, 14, 2, .in = IN_TRANSPORT},
	{"urgent", is_tcp, 18, 2, .in = IN_TRANSPORT},
	{"udplen", is_udp, 4, 2, .in = IN_TRANSPORT},
	{"type", is_icmp, 0, 1, .in = IN_TRANSPORT},
	{"code", is_icmp, 1, 1, .in = IN_TRANSPORT},
	{"rest", is_icmp, 4, 4, .in = IN_TRANSPORT},
	{"wscale", is_tcp, 0, 1, .in = IN_OPTION, .kind = 3},
	{"tsval", is_tcp, 0, 4, .in = IN_OPTION, .kind = 8},
	{"tsecr", is_tcp, 4, 4, .in = IN_OPTION, .kind = 8},
};

const struct field *field_named(const char *name)
{
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	}
	return NULL;
}

/* The value of an option, or NULL. */
static unsigned char *option_value(struct edit *edit, unsigned kind, size_t *size)
{
	const unsigned char *found;

	if (!is_tcp(edit))
		return NULL;
	found = packet_find_option(&edit->packet, (unsigned char)kind, size);
	if (!found)
		return NULL;
	return edit->bytes + edit->transport + TCP_HEADER + (found - edit->packet.options);
}

static bool locate_option(struct edit *edit, const struct field *field, struct place *place)
{
	size_t size;
	unsigned char *value = option_value(edit, field->kind, &size);

	if (!value || field->at + field->width > size)
		return false;
	place->at = value + field->at;
	return true;
}

static bool locate(struct edit *edit, const struct field *field, struct place *place)
{
	bool inet6 = !is_inet(edit);

	*place = (struct place){NULL, field->width, field->shift, field->mask};
	if (!place->mask)
		place->mask = field->width == 4 ? UINT32_MAX : (1U << 8 * field->width) - 1;
	if (!field->is_there(edit))
		return false;
	if (field->in == IN_OPTION)
		return locate_option(edit, field, place);
	place->at = edit->bytes + field->at + (field->in == IN_TRANSPORT ? edit->transport : 0);
	if (field == &fields[NEAR_PORT] && edit->way == WAY_IN)
		place->at += 2;
	if (field == &fields[PEER_PORT] && edit->way == WAY_IN)
		place->at -= 2;
	if (field == &fields[TTL_FIELD] && inet6)
		place->at = edit->bytes + 7;
	if (field == &fields[TOS_FIELD] && inet6) /* between version and flow label */
		*place = (struct place){edit->bytes, 2, 4, 0xff};
	return true;
}

static uint32_t changed(uint32_t old, char sign, uint32_t value)
{
	return sign == '+' ? old + value : sign == '-' ? old - value : value;
}

bool edit_field(struct edit *edit, const struct field *field, char sign, uint32_t value)
{
	struct place place;
	uint32_t word;
	uint32_t wanted;

	if (!locate(edit, field, &place))
		return false;
	word = get(place.at, place.width);
	wanted = changed(word >> place.shift & place.mask, sign, value) & place.mask;
	wanted = (word & ~(place.mask << place.shift)) | wanted << place.shift;
	put(place.at, place.width, wanted);
	return wanted != word;
}

bool edit_flags(struct edit *edit, unsigned set, unsigned clear)
{
	unsigned char *flags = edit->bytes + edit->transport + 13;
	unsigned char before;

	if (!is_tcp(edit))
		return false;
	before = *flags;
	*flags = (unsigned char)((before & ~clear) | set);
	return *flags != before;
}

/* The addresses stand one behind the other, in front of all else that has to do with them. */
bool edit_address(struct edit *edit, bool source, const unsigned char *address)
{
	size_t size = is_inet(edit) ? 4 : 16;
	unsigned char *at = edit->bytes + (is_inet(edit) ? 12 : 8) + (source ? 0 : size);
	bool differs = edit->is_read && memcmp(at, address, size) != 0;

	if (differs)
		memcpy(at, address, size);
	return differs;
}

/* --- lengths ------------------------------------------------------------------------------------- */

/* Takes `less` bytes out at `at` and puts `more` zeros in their place; the lengths that say so follow. */
static bool splice(struct edit *edit, size_t at, size_t less, size_t more)
{
	unsigned char *bytes = edit->bytes;
	size_t size = edit->size - less + more;

	if (is_fragment(edit) || size > sizeof edit->bytes)
		return false;
	memmove(bytes + at + more, bytes + at + less, edit->size - at - less);
	memset(bytes + at, 0, more);
	if (is_inet(edit))
		put(bytes + 2, 2, (uint32_t)size);
	else
		put(bytes + 4, 2, (uint32_t)(size - IPV6_HEADER));
	if (is_udp(edit))
		put(bytes + edit->transport + 4, 2,
		    (uint32_t)(get(bytes + edit->transport + 4, 2) - less + more));
	edit->size = size;
	return true;
}

bool edit_cut(struct edit *edit, size_t size)
{
	if (!edit->transport || !size || size > edit->packet.size ||
	    !splice(edit, edit->size - size, size, 0))
		return false;
	read_again(edit);
	return true;
}

bool edit_grow(struct edit *edit, size_t size)
{
	if (!edit->transport || !size || !splice(edit, edit->size, 0, size))
		return false;
	read_again(edit);
	return true;
}

bool edit_flip(struct edit *edit, size_t at)
{
	size_t size = edit->packet.size;

	if (!edit->is_read || !size || (at >= size && at != SIZE_MAX))
		return false;
	edit->bytes[(size_t)(edit->packet.data - edit->bytes) + (at == SIZE_MAX ? size - 1 : at)] ^=
		1;
	return true;
}

/* --- options ------------------------------------------------------------------------------------- */

static void set_header_size(struct edit *edit, size_t size)
{
	unsigned char *at = edit->bytes + edit->transport + 12;

	*at = (unsigned char)((*at & 15) | size / 4 << 4);
	read_again(edit);
}

bool edit_no_options(struct edit *edit)
{
	if (!is_tcp(edit) || !edit->packet.options_size ||
	    !splice(edit, edit->transport + TCP_HEADER, edit->packet.options_size, 0))
		return false;
	set_header_size(edit, TCP_HEADER);
	return true;
}

/* Kind 1 is padding (RFC 9293, 3.2). */
bool edit_no_option(struct edit *edit, unsigned kind)
{
	size_t size;
	unsigned char *value = option_value(edit, kind, &size);

	if (!value)
		return false;
	memset(value - 2, 1, size + 2);
	read_again(edit);
	return true;
}

bool edit_option_flipped(struct edit *edit, unsigned kind)
{
	size_t size;
	unsigned char *value = option_value(edit, kind, &size);

	if (!value || !size)
		return false;
	value[size - 1] ^= 1;
	read_again(edit);
	return true;
}

bool edit_option_cut(struct edit *edit, unsigned kind)
{
	size_t size;
	unsigned char *value = option_value(edit, kind, &size);

	if (!value || !size)
		return false;
	value[-1]--;
	value[size - 1] = 1;
	read_again(edit);
	return true;
}

/* Options with their padding, in front of those that are there. */
static bool add_options(struct edit *edit, const unsigned char *options, size_t size)
{
	size_t at = edit->transport + TCP_HEADER;
	size_t header = TCP_HEADER + edit->packet.options_size + size;

	if (!is_tcp(edit) || header > TCP_HEADER_MAX || !splice(edit, at, 0, size))
		return false;
	memcpy(edit->bytes + at, options, size);
	set_header_size(edit, header);
	return true;
}

/* What a host could say with them that has no reason to say it. */
static const struct addable {
	unsigned char kind;
	unsigned char size;
	unsigned char bytes[12];
} addables[] = {
	{3, 4, {1, 3, 3, 7}},
	{4, 4, {1, 1, 4, 2}},
	{5, 12, {1, 1, 5, 10, 0x10, 0, 0, 10, 0x10, 0, 0, 20}},
	{8, 12, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0}},
	{34, 12, {1, 1, 34, 10, 0xc0, 0x0c, 0x1e, 1, 2, 3, 4, 5}},
};

bool edit_option_added(struct edit *edit, unsigned kind)
{
	size_t size;

	if (option_value(edit, kind, &size))
		return false;
	for (size_t i = 0; i < sizeof addables / sizeof addables[0]; i++) {
		if (addables[i].kind == kind)
			return add_options(edit, addables[i].bytes, addables[i].size);
	}
	return false;
}

static bool add_mss(struct edit *edit)
{
	static const unsigned char option[] = {MSS_OPTION, 4, 0, 0};

	return add_options(edit, option, sizeof option);
}

bool edit_mss(struct edit *edit, char sign, uint32_t value)
{
	size_t size;
	unsigned char *at = option_value(edit, MSS_OPTION, &size);
	uint32_t before;

	if (!at && add_mss(edit))
		at = option_value(edit, MSS_OPTION, &size);
	if (!at || size != 2)
		return false;
	before = get(at, 2);
	put(at, 2, changed(before, sign, value));
	read_again(edit);
	return get(at, 2) != before;
}
