/* SPDX-License-Identifier: Apache-2.0 */
/* Packets as bytes and as values. */
#include "packet.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	ICMP_HEADER = 8,
	EXTENSIONS_MAX = 8,
	DONT_FRAGMENT = 0x4000,
	MORE_FRAGMENTS = 0x2000,
	TTL = 64,
};

static uint16_t get16(const unsigned char *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static void put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* --- reading ------------------------------------------------------------------------------------- */

/* What is left to read. */
struct rest {
	const unsigned char *at;
	size_t size;
};

static bool skip(struct rest *rest, size_t size)
{
	if (size > rest->size)
		return false;
	rest->at += size;
	rest->size -= size;
	return true;
}

static void take_data(struct packet *packet, const struct rest *rest)
{
	packet->data = rest->at;
	packet->size = rest->size;
}

static bool parse_tcp(struct packet *packet, struct rest rest)
{
	const unsigned char *at = rest.at;
	size_t header = rest.size < TCP_HEADER ? 0 : (size_t)4 * (at[12] >> 4);

	if (header < TCP_HEADER || !skip(&rest, header))
		return false;
	packet->sport = get16(at);
	packet->dport = get16(at + 2);
	packet->seq = get32(at + 4);
	packet->ack = get32(at + 8);
	packet->flags = at[13];
	packet->window = get16(at + 14);
	packet->urgent = get16(at + 18);
	packet->options_size = header - TCP_HEADER;
	memcpy(packet->options, at + TCP_HEADER, packet->options_size);
	take_data(packet, &rest);
	return true;
}

static bool parse_udp(struct packet *packet, struct rest rest)
{
	const unsigned char *at = rest.at;
	size_t length = rest.size < UDP_HEADER ? 0 : get16(at + 4);

	if (length < UDP_HEADER)
		return false;
	if (length < rest.size)
		rest.size = length; /* the first of several fragments has less */
	skip(&rest, UDP_HEADER);
	packet->sport = get16(at);
	packet->dport = get16(at + 2);
	take_data(packet, &rest);
	return true;
}

static bool parse_icmp(struct packet *packet, struct rest rest)
{
	const unsigned char *at = rest.at;

	if (!skip(&rest, ICMP_HEADER))
		return false;
	packet->type = at[0];
	packet->code = at[1];
	packet->rest = get32(at + 4);
	take_data(packet, &rest);
	return true;
}

static bool parse_inner(struct packet *packet, struct rest rest)
{
	if (packet->fragment) {
		take_data(packet, &rest);
		return true;
	}
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(packet, rest);
	case IPPROTO_UDP:
		return parse_udp(packet, rest);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return parse_icmp(packet, rest);
	default:
		return false;
	}
}

static void parse_fragment(struct packet *packet, unsigned offset, bool more)
{
	packet->fragment = offset > 0;
	packet->fragment_offset = (uint16_t)offset;
	packet->more_fragments = more;
}

static bool parse_ipv4(struct packet *packet, struct rest rest)
{
	const unsigned char *at = rest.at;
	size_t header = rest.size < IPV4_HEADER ? 0 : (size_t)4 * (at[0] & 15);
	size_t total = header ? get16(at + 2) : 0;

	if (header < IPV4_HEADER || total < header || total > rest.size)
		return false;
	rest.size = total; /* a link may have padded it */
	skip(&rest, header);
	packet->family = AF_INET;
	packet->ident = get16(at + 4);
	packet->may_fragment = !(get16(at + 6) & DONT_FRAGMENT);
	parse_fragment(packet, 8U * (get16(at + 6) & 0x1fff), get16(at + 6) & MORE_FRAGMENTS);
	packet->ttl = at[8];
	packet->protocol = at[9];
	memcpy(packet->src, at + 12, 4);
	memcpy(packet->dst, at + 16, 4);
	return parse_inner(packet, rest);
}

/* Goes over one extension header (RFC 8200, 4); false: it is none, or cut off. */
static bool skip_extension(struct packet *packet, struct rest *rest)
{
	const unsigned char *at = rest->at;
	size_t size;

	switch (packet->protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
		size = rest->size < 8 ? 8 : (size_t)8 * (at[1] + 1);
		break;
	case IPPROTO_FRAGMENT:
		size = 8;
		break;
	default:
		return false;
	}
	if (!skip(rest, size))
		return false;
	if (packet->protocol == IPPROTO_FRAGMENT)
		parse_fragment(packet, get16(at + 2) & 0xfff8U, at[3] & 1);
	packet->protocol = at[0];
	return true;
}

static bool parse_ipv6(struct packet *packet, struct rest rest)
{
	const unsigned char *at = rest.at;

	if (!skip(&rest, IPV6_HEADER) || get16(at + 4) > rest.size)
		return false;
	rest.size = get16(at + 4);
	packet->family = AF_INET6;
	packet->protocol = at[6];
	packet->ttl = at[7];
	memcpy(packet->src, at + 8, 16);
	memcpy(packet->dst, at + 24, 16);
	for (int i = 0; i < EXTENSIONS_MAX && skip_extension(packet, &rest); i++) {
		if (packet->fragment)
			break;
	}
	return parse_inner(packet, rest);
}

bool packet_parse(struct packet *packet, const unsigned char *bytes, size_t size)
{
	struct rest rest = {bytes, size};

	*packet = (struct packet){.family = AF_UNSPEC};
	if (!size)
		return false;
	if (bytes[0] >> 4 == 4)
		return parse_ipv4(packet, rest);
	return bytes[0] >> 4 == 6 && parse_ipv6(packet, rest);
}

/* --- options --------------------------------------------------------------------------------------- */

/* Kind 0 ends the list, kind 1 is padding of one byte, all others have a length (RFC 9293, 3.2). */
const unsigned char *packet_find_option(const struct packet *packet, unsigned char kind,
					size_t *size)
{
	size_t at = 0;

	while (at < packet->options_size && packet->options[at]) {
		size_t length = 1;

		if (packet->options[at] != 1) {
			if (at + 1 >= packet->options_size)
				return NULL;
			length = packet->options[at + 1];
			if (length < 2 || at + length > packet->options_size)
				return NULL;
			if (packet->options[at] == kind) {
				*size = length - 2;
				return packet->options + at + 2;
			}
		}
		at += length;
	}
	return NULL;
}

int64_t packet_option(const struct packet *packet, unsigned char kind, size_t size)
{
	size_t found;
	const unsigned char *at = packet_find_option(packet, kind, &found);
	int64_t value = 0;

	if (!at || found != size || size > 4)
		return -1;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

bool packet_has_option(const struct packet *packet, unsigned char kind)
{
	size_t size;

	return packet_find_option(packet, kind, &size) != NULL;
}

uint32_t packet_numbers(const struct packet *packet)
{
	return (uint32_t)packet->size + !!(packet->flags & SYN) + !!(packet->flags & FIN);
}

/* --- writing ----------------------------------------------------------------------------------------- */

uint32_t packet_sum(uint32_t begin, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		begin += get16(bytes + i);
	return size & 1 ? begin + ((uint32_t)bytes[size - 1] << 8) : begin;
}

uint16_t packet_folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

static size_t address_size(const struct packet *packet)
{
	return packet->family == AF_INET ? 4 : 16;
}

/* Of the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1) and what lies behind the IP header. */
static uint16_t checksum(const struct packet *packet, const unsigned char *bytes, size_t size)
{
	uint32_t total = (uint32_t)(size >> 16) + (uint32_t)(size & 0xffff) + packet->protocol;

	if (packet->protocol == IPPROTO_ICMP)
		total = 0; /* it has none */
	else {
		total = packet_sum(total, packet->src, address_size(packet));
		total = packet_sum(total, packet->dst, address_size(packet));
	}
	return packet_folded(packet_sum(total, bytes, size));
}

static size_t inner_header(const struct packet *packet)
{
	if (packet->fragment)
		return 0;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return TCP_HEADER + ((packet->options_size + 3) & ~(size_t)3);
	case IPPROTO_UDP:
		return UDP_HEADER;
	default:
		return ICMP_HEADER;
	}
}

static void compose_tcp(const struct packet *packet, unsigned char *at, size_t header)
{
	put16(at, packet->sport);
	put16(at + 2, packet->dport);
	put32(at + 4, packet->seq);
	put32(at + 8, packet->ack);
	at[12] = (unsigned char)(header / 4 << 4);
	at[13] = packet->flags;
	put16(at + 14, packet->window);
	put16(at + 18, packet->urgent);
	memcpy(at + TCP_HEADER, packet->options, packet->options_size);
}

static void compose_udp(const struct packet *packet, unsigned char *at)
{
	put16(at, packet->sport);
	put16(at + 2, packet->dport);
	put16(at + 4, (unsigned)(UDP_HEADER + packet->size));
}

static void compose_icmp(const struct packet *packet, unsigned char *at)
{
	at[0] = packet->type;
	at[1] = packet->code;
	put32(at + 4, packet->rest);
}

/* Where the checksum stands in each header. */
static size_t checksum_place(unsigned char protocol)
{
	return protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 2;
}

static void compose_inner(const struct packet *packet, unsigned char *at, size_t size)
{
	size_t header = inner_header(packet);
	uint16_t check;

	if (packet->size)
		memcpy(at + header, packet->data, packet->size);
	if (packet->fragment)
		return;
	if (packet->protocol == IPPROTO_TCP)
		compose_tcp(packet, at, header);
	else if (packet->protocol == IPPROTO_UDP)
		compose_udp(packet, at);
	else
		compose_icmp(packet, at);
	check = checksum(packet, at, size);
	if (!check && packet->protocol == IPPROTO_UDP)
		check = 0xffff; /* 0 says that there is none (RFC 768) */
	put16(at + checksum_place(packet->protocol), check);
}

static void compose_ipv4(const struct packet *packet, unsigned char *at, size_t total)
{
	unsigned place = packet->fragment_offset / 8U;

	at[0] = 4 << 4 | IPV4_HEADER / 4;
	put16(at + 2, (unsigned)total);
	put16(at + 4, packet->ident);
	put16(at + 6, place | (packet->may_fragment ? 0U : DONT_FRAGMENT) |
			      (packet->more_fragments ? MORE_FRAGMENTS : 0U));
	at[8] = packet->ttl ? packet->ttl : TTL;
	at[9] = packet->protocol;
	memcpy(at + 12, packet->src, 4);
	memcpy(at + 16, packet->dst, 4);
	put16(at + 10, packet_folded(packet_sum(0, at, IPV4_HEADER)));
}

static void compose_ipv6(const struct packet *packet, unsigned char *at, size_t total)
{
	at[0] = 6 << 4;
	put16(at + 4, (unsigned)(total - IPV6_HEADER));
	at[6] = packet->protocol;
	at[7] = packet->ttl ? packet->ttl : TTL;
	memcpy(at + 8, packet->src, 16);
	memcpy(at + 24, packet->dst, 16);
}

size_t packet_compose(const struct packet *packet, unsigned char *bytes, size_t room)
{
	size_t outer = packet->family == AF_INET ? IPV4_HEADER : IPV6_HEADER;
	size_t inner = inner_header(packet) + packet->size;
	size_t total = outer + inner;

	if (packet->options_size > TCP_OPTIONS_MAX || total > room || total > PACKET_MAX)
		return 0;
	memset(bytes, 0, total - packet->size);
	compose_inner(packet, bytes + outer, inner);
	if (packet->family == AF_INET)
		compose_ipv4(packet, bytes, total);
	else
		compose_ipv6(packet, bytes, total);
	return total;
}
