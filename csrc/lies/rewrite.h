/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the relay makes of each packet: the rules of lies that are told on the wire.
 *
 * Pure: nothing here opens, waits, or knows a clock.  A rule is text, wire:WHEN:DO or `none`; both lists
 * have commas.  Packets are IPv4 or IPv6, from their first byte on; what is longer than REWRITE_ROOM, or
 * the marker of a fence, fits no rule.
 *
 * WHEN, all of which must be true (no.WORD: must not; not before the direction and the counts):
 *   out in                  as the near host sees it; one of the two is required
 *   tcp udp icmp other      icmp: ICMP or ICMPv6; other: none of the three, or malformed
 *   syn fin rst psh ack urg ece cwr
 *   data empty              a payload of TCP or UDP, or none; longer=N: one of more than N bytes
 *   again                   a segment that takes sequence numbers, all of which the flow had before
 *   probe                   one byte at most, before the number that is next: a keep-alive, a window's probe
 *   option=KIND             a TCP option
 *   type=N code=N           of ICMP; quotes=tcp, quotes=udp: what an ICMP error is about
 *   frag                    a fragment; piece: not the first one of its datagram
 *   group                   from or to a multicast or broadcast address
 *   port=N peerport=N window=N
 *   after=N until=N nth=N every=N    counted over the packets that fit all else, from 1
 *
 * DO, in this order:
 *   drop twice late         late: held until the next packet of its direction has passed
 *   FIELD=N FIELD+N FIELD-N with FIELD one of seq ack window urgent port peerport mss wscale tsval tsecr
 *                           ttl tos df mf offset ident type code rest udplen
 *   set=FLAGS clear=FLAGS flags=FLAGS    e.g. flags=rst+ack
 *   noopt=KIND nooptions optflip=KIND    an option made padding; all taken out; one bit of its value
 *   optcut=KIND optadd=KIND              its last byte made padding; one that is not there (3, 4, 5, 8, 34)
 *   cut=N grow=N flip flip=N             the payload: its last N bytes, N more, one bit of its last byte or N-th
 *   src=WHO dst=WHO         near, peer, router, other (a host that is silent), group
 *   badsum goodsum nosum    the transport's checksum
 *   isn=N isn+N isn-N       of a SYN of the near host: the whole connection's numbers follow
 *   reset fin               a RST, a FIN behind the packet, in its direction, that fits it
 *   later=FLAGS             such a segment, once the next packet of its direction has passed
 *   copy+N copy-N           a copy behind it, its sequence number so much on
 *   answer=FLAGS            a segment in the other direction that fits it
 *   say=N                   N zeros as new data in the other direction, also where there is no room for them
 *   error=TYPE.CODE         an ICMP error in the other direction, which quotes it
 */
#ifndef SOCKSPEC_REWRITE_H
#define SOCKSPEC_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum way { WAY_OUT, WAY_IN };

enum {
	REWRITE_ROOM = 4096, /* bytes of a packet */
	REWRITE_SENT = 12,   /* packets that one becomes at most */
	REWRITE_WORDS = 12,  /* of each of a rule's lists */
	REWRITE_FLOWS = 64,  /* TCP connections whose numbers are known; the oldest are forgotten */
	REWRITE_WORD = 64,   /* bytes of one word */
	REWRITE_RULE = 512,  /* bytes of a rule */
};

/* A packet that is sent. */
struct rewritten {
	enum way way;
	size_t size;
	unsigned char bytes[REWRITE_ROOM];
};

/* What a packet becomes, in this order. */
struct rewriting {
	size_t count;
	struct rewritten sent[REWRITE_SENT];
};

struct rewrite_word {
	char text[REWRITE_WORD];
	const void *entry; /* of the table that knows it */
	bool no;
	char sign; /* '=', '+', '-', or 0 for a word without a value */
	uint32_t value;
};

/* The numbers of a TCP connection as far as they were seen. */
struct rewrite_flow {
	int family; /* 0: free */
	uint16_t near_port;
	uint16_t peer_port;
	bool seen[2];
	uint32_t next[2]; /* behind the last number of each direction */
	uint32_t shift;	  /* of the near host's numbers, as the peer sees them */
};

/* A rule, and what it has seen. */
struct rewrite {
	bool tells; /* not `none` */
	enum way way;
	struct rewrite_word when[REWRITE_WORDS];
	size_t conditions;
	struct rewrite_word deeds[REWRITE_WORDS];
	size_t deed_count;
	uint32_t after;
	uint32_t until;
	uint32_t nth;
	uint32_t every;
	uint32_t fitted; /* packets that fit all but the counts */
	bool told;	 /* a lie has been told */
	bool holds[2];
	struct rewritten held[2];
	struct rewrite_flow flows[REWRITE_FLOWS];
	size_t flow_count; /* ever */
};

/* False: the rule cannot be understood, and `why` says what of it. */
bool rewrite_parse(struct rewrite *rewrite, const char *rule, char *why, size_t size);

/* What becomes of this packet; at most REWRITE_ROOM bytes. */
void rewrite_packet(struct rewrite *rewrite, enum way way, const unsigned char *bytes, size_t size,
		    struct rewriting *rewriting);

#endif
