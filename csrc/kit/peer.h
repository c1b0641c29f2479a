/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripted peer: the host at the other end of the stage `wire`, which answers as the probe says.
 *
 * It has no kernel.  A script is the exchange it plays, line by line, in the probe's main thread; calls
 * that block are made in threads of their own (connector_start(), receiver_start(), ...):
 *
 *   struct flow flow = peer_listens();
 *
 *   connector_start(&client, s, &flow.far);
 *   peer_gets(&flow, SYN);
 *   see_asleep(&client.sleeper, "connect");
 *   peer_sends(&flow, SYN | ACK);
 *   sleeper_join(&client.sleeper);
 *   peer_gets(&flow, ACK);
 *
 * The peer does nothing by itself: it acknowledges nothing, refuses nothing, repeats nothing.  Its first
 * verb opens it; on another stage that ends the probe as unavailable.  Everything it sends and gets is in
 * the record as packets; only what it waits for in vain (bounded) is an event, and no fault: a host that
 * does not send it is what the probe is there to see.
 */
#ifndef SOCKSPEC_PEER_H
#define SOCKSPEC_PEER_H

#include "kit.h"
#include "packet.h"

/* The link's MTU, and the MSS and MTU-sized UDP payload that follow from it (RFC 9293, 3.7.1). */
enum { LINK_MTU = 1500, IPV4_MSS = 1460, IPV6_MSS = 1440 };

enum {
	HEARD_MAX = 1232
}; /* all that an ICMPv6 error may quote in 1280 bytes (RFC 4443, 2.4 (c)) */

/* The peer's side of one TCP connection or UDP conversation.  Sequence numbers as RFC 9293, 3.3.1 has
 * them; a script may change any of them, e.g. `flow.window = 0`, for the segments that follow. */
struct flow {
	int protocol;	  /* IPPROTO_TCP or IPPROTO_UDP */
	struct name far;  /* the peer's address and port */
	struct name near; /* the near host's; its port is 0 until its first packet came */

	uint32_t iss;	  /* the peer's initial sequence number */
	uint32_t snd_nxt; /* what the peer sends next */
	uint32_t acked;	  /* SND.UNA: the near host has acknowledged what stands before it */
	uint32_t irs;	  /* the near host's initial sequence number */
	uint32_t
		rcv_nxt; /* what the peer expects next; each of its segments acknowledges up to it */
	uint16_t window;			    /* what the peer advertises, unscaled */
	uint16_t mss;				    /* what its SYN announces; 0: nothing */
	unsigned char syn_options[TCP_OPTIONS_MAX]; /* of its SYN, behind the MSS */
	size_t syn_options_size;

	struct packet got; /* the packet that was taken last; its data are in `heard` */
	unsigned char heard[HEARD_MAX];
	size_t heard_size; /* of the whole packet; only the first HEARD_MAX bytes are there */
	unsigned again;	   /* how many segments came that the peer had before */
};

/* --- conversations ----------------------------------------------------------------------------- */

/* A port of the peer's, of the variant's family, that answers TCP (UDP) as the script says; flow.far is
 * the address to connect to. */
struct flow peer_listens(void);
struct flow peer_datagrams(void);

/* A port of the peer's that calls this address of the near host, e.g. a listener's. */
struct flow peer_calls(int fd);
struct flow peer_datagrams_to(int fd);

/* Set-up: a connected TCP socket of the near host's, the handshake played.  `mss`, `window` and
 * `syn_options` are those that the flow has, as peer_listens() gave it. */
int open_to_peer(struct flow *flow);

/* Set-up: the peer connects to a listener; returns what accept() does. */
int accept_from_peer(int listener, struct flow *flow);

/* Set-up: a UDP socket of the near host's, bound, connected to the peer or not, and the flow. */
int open_datagrams(struct flow *flow, bool connected);

/* --- what the peer gets ------------------------------------------------------------------------- */

/* Waits (bounded) for a new segment with all of these flags, and takes it and what came before it.  Data in
 * order move rcv_nxt on.  What the near host sends again is not new.  False: none came, and the record
 * says so. */
bool peer_gets(struct flow *flow, int flags);

/* The same until `size` more bytes of data have come in order; peer_takes() acknowledges each segment. */
bool peer_gets_data(struct flow *flow, size_t size);
bool peer_takes(struct flow *flow, size_t size);

/* Waits (bounded) until the near host has acknowledged all that the peer sent. */
bool peer_is_acknowledged(struct flow *flow);

/* Waits (bounded) for a segment that takes sequence numbers which the peer had before: a retransmission. */
bool peer_gets_again(struct flow *flow);

/* Waits (bounded) for a datagram of the flow; its bytes are flow->got.data. */
bool peer_gets_datagram(struct flow *flow);

/* --- what the peer sends ------------------------------------------------------------------------- */

/* A segment with these flags at snd_nxt; SYN and FIN move it on.  A SYN has the flow's options. */
void peer_sends(struct flow *flow, int flags);

/* Data with PSH and ACK at snd_nxt, which moves on; at most an MSS. */
void peer_sends_data(struct flow *flow, const void *data, size_t size);

/* A segment that is out of the order: everything is relative to the flow, nothing of which moves on. */
struct segment {
	int flags;
	int32_t seq_ahead; /* of snd_nxt */
	int32_t ack_ahead; /* of rcv_nxt */
	uint16_t urgent;
	const void *data;
	size_t size;
	unsigned char ttl; /* 0: 64 */
};
void peer_sends_segment(const struct flow *flow, const struct segment *segment);

/* A datagram of the flow. */
void peer_sends_datagram(const struct flow *flow, const void *data, size_t size);

/* An ICMP error (ICMPv6 for AF_INET6), by its type and code and the four bytes behind the checksum, that
 * quotes what the near host sent last in this flow, as much as the standards want at most.  It comes
 * from the peer itself, or from a router on the way, which has another address. */
enum sender_of_error { FROM_PEER, FROM_ROUTER };
void peer_sends_error(const struct flow *flow, enum sender_of_error from, int type, int code,
		      uint32_t rest);

/* Any packet: the family and addresses may be those of the flow by peer_packet(). */
struct packet peer_packet(const struct flow *flow);
void peer_sends_packet(const struct packet *packet);

/* --- order ----------------------------------------------------------------------------------------- */

/* fence(FAR) on this stage: a marker from the peer, which has been received when it returns, so that all
 * that the peer sent before has come to the near host's protocols.  fence(NEAR): a marker from the near host,
 * which the peer has when it returns. */

/* --- what a stage of its own may be told ---------------------------------------------------------- */

/* Sets a number under /proc/sys/net of the near host, e.g. ("ipv4/tcp_syn_retries", 1); where that cannot
 * be, the probe ends as unavailable. */
void set_sysctl(const char *name, long value);

/* The MTU of the near host's link. */
void set_link_mtu(int mtu);

#endif
