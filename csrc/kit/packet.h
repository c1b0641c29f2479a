/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 and IPv6 packets with TCP, UDP, ICMP or ICMPv6 in them, as bytes and as values.
 *
 * Pure: nothing here opens, waits or fails loudly.  Numbers are in host byte order, addresses are bytes as
 * they lie in the packet.  RFC 791, 8200, 9293, 768, 792, 4443.
 */
#ifndef SOCKSPEC_PACKET_H
#define SOCKSPEC_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The control bits of a TCP segment (RFC 9293, 3.1). */
enum tcp_flags { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

enum { PACKET_MAX = 65535, TCP_OPTIONS_MAX = 40 };

struct packet {
	int family; /* AF_INET or AF_INET6 */
	unsigned char src[16];
	unsigned char dst[16];
	unsigned char ttl; /* or hop limit */
	unsigned char protocol;
	bool may_fragment;	  /* IPv4 without DF, for what is composed; else not looked at */
	bool fragment;		  /* any but the first: its data follow, and no header below IP's */
	bool more_fragments;	  /* MF, or M in IPv6's fragment header */
	uint16_t fragment_offset; /* in bytes */
	uint16_t ident;

	uint16_t sport; /* TCP, UDP */
	uint16_t dport;
	uint32_t seq; /* TCP from here ... */
	uint32_t ack;
	unsigned char flags;
	uint16_t window;
	uint16_t urgent;
	unsigned char options[TCP_OPTIONS_MAX];
	size_t options_size; /* ... to here */
	unsigned char type;  /* ICMP, ICMPv6 */
	unsigned char code;
	uint32_t rest; /* the four bytes behind the checksum: MTU, pointer, identifier ... */

	const unsigned char *data; /* behind the last header; not owned */
	size_t size;
};

/* Reads a packet; `packet->data` points into `bytes`.  False: it is cut off, or none of the above. */
bool packet_parse(struct packet *packet, const unsigned char *bytes, size_t size);

/* Writes the packet with all checksums right; the options are padded.  Returns its length, 0 where it does
 * not fit. */
size_t packet_compose(const struct packet *packet, unsigned char *bytes, size_t room);

/* The value of a TCP option of the given kind and size (kind and length not counted), e.g. 2 and 2 for the
 * maximum segment size; -1: it is not there.  At most 4 bytes are read. */
int64_t packet_option(const struct packet *packet, unsigned char kind, size_t size);

/* Whether an option of this kind is there, whatever its size. */
bool packet_has_option(const struct packet *packet, unsigned char kind);

/* Where the value of the first option of this kind stands in packet->options, and its size; NULL: nowhere. */
const unsigned char *packet_find_option(const struct packet *packet, unsigned char kind,
					size_t *size);

/* How many sequence numbers the segment takes: its data, SYN and FIN (RFC 9293, 3.4). */
uint32_t packet_numbers(const struct packet *packet);

/* RFC 1071: the sum of 16-bit words, and the checksum that comes of it when carries are added. */
uint32_t packet_sum(uint32_t begin, const unsigned char *bytes, size_t size);
uint16_t packet_folded(uint32_t total);

#endif
