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

/* The link's MTU, and the MSS that follows from it (RFC 9293, 3.7.1). */
enum { LINK_MTU = 1500, IPV4_MSS = 1460, IPV6_MSS = 1440 };

/* A packet that was taken is kept whole: none that crosses the link is longer. */
enum { HEARD_MAX = 2048 };

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
	uint32_t rcv_nxt; /* what it expects next, and each of its segments acknowledges */
	uint16_t window;  /* what the peer advertises, unscaled */
	uint16_t mss;	  /* what its SYN announces; 0: nothing */
	unsigned char syn_options[TCP_OPTIONS_MAX]; /* of its SYN, behind the MSS */
	size_t syn_options_size;

	struct packet got; /* the packet that was taken last; its data are in `heard` */
	unsigned char heard[HEARD_MAX];
	size_t heard_size;
	unsigned again; /* how many segments came that the peer had before */
};

/* --- conversations ------------------------------------------------------------------------------- */

/* A port of the peer's, of the variant's family, that answers TCP (UDP) as the script says; flow.far is
 * the address to connect to. */
struct flow peer_listens(void);
struct flow peer_datagrams(void);

/* A port of the peer's that calls this address of the near host, e.g. a listener's. */
struct flow peer_calls(int fd);
struct flow peer_datagrams_to(int fd);

/* The near end's address is in the log as `what`. */
void note_flow(const char *what, const struct flow *flow);

/* One more option of the peer's SYN, whole, i.e. from its kind on. */
void add_syn_option(struct flow *flow, const void *option, size_t size);

/* --- connections as set-up ------------------------------------------------------------------------- */
/* The handshake is played.  What opens a flow makes it, with peer_listens(); what opens to the peer takes one
 * that peer_listens() gave and the probe may have changed, e.g. its `mss` and `window`. */

/* A connected TCP socket of the near host's; open_flow() logs the near end's address as `what`. */
int open_flow(const char *what, struct flow *flow);
int open_to_peer(struct flow *flow);

/* The same that will send as soon as the rules of TCP let it: nothing paces it, and where the target can be told
 * so it sends nothing again within the job.  A prompt one has no algorithm of Nagle's either: what is written
 * leaves as soon as the peer's window has room for it. */
int open_steady_flow(struct flow *flow);
int open_prompt_to_peer(struct flow *flow);

/* A prompt one behind a closed window, with the smallest send buffer there can be: a write soon waits. */
int open_blocked_flow(struct flow *flow);

/* The two steps of these, for a socket that is told something in between. */
int open_steady_socket(void);
void connect_to_peer(int fd, struct flow *flow);

/* The peer connects to a listener; returns what accept() does. */
int accept_from_peer(int listener, struct flow *flow);

/* The same through a listener of its own whose SO_RCVBUF is `size`; the socket does not block. */
int accept_with_buffer(int size, struct flow *flow);

/* A UDP socket of the near host's, bound, connected to the peer or not, and the flow. */
int open_datagrams(struct flow *flow, bool connected);

/* --- what the peer gets ---------------------------------------------------------------------------- */

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

/* peer_gets() and peer_gets_again() that wait no longer than this; nothing is said of what did not come. */
bool peer_gets_soon(struct flow *flow, int flags, int ms);
bool peer_gets_again_soon(struct flow *flow, int ms);

/* Waits (bounded) for a keep-alive probe: an ACK with one byte or none, of a number before the next one. */
bool peer_gets_keepalive(struct flow *flow);

/* Waits (bounded) for a datagram of the flow; its bytes are flow->got.data. */
bool peer_gets_datagram(struct flow *flow);

/* --- what the peer sends --------------------------------------------------------------------------- */

/* A segment with these flags at snd_nxt; SYN and FIN move it on.  A SYN has the flow's options. */
void peer_sends(struct flow *flow, int flags);

/* Data with PSH and ACK at snd_nxt, which moves on; at most an MSS.  peer_speaks(): SAID bytes of the pattern
 * with this seed, as see_speak(). */
void peer_sends_data(struct flow *flow, const void *data, size_t size);
void peer_speaks(struct flow *flow, unsigned seed);

/* The same with URG and this urgent pointer; and a SYN with data. */
void peer_sends_urgent(struct flow *flow, const void *data, size_t size, uint16_t urgent);
void peer_sends_syn_data(struct flow *flow, const void *data, size_t size);

/* A window update: an ACK of what the peer has, with this window, which the flow keeps. */
void peer_offers(struct flow *flow, uint16_t window);

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

/* A segment with the flags of the variant "flags", e.g. flags=fin+ack or flags=no_flags, and some data where
 * the variant has data=yes. */
struct segment segment_told(void);

/* A datagram of the flow. */
void peer_sends_datagram(const struct flow *flow, const void *data, size_t size);

/* An ICMP error (ICMPv6 for AF_INET6), by its type and code and the four bytes behind the checksum, that
 * quotes what the peer got last in this flow, as much as the standards want at most.  It comes
 * from the peer itself, or from a router on the way, which has another address. */
enum sender_of_error { FROM_PEER, FROM_ROUTER };
void peer_sends_error(const struct flow *flow, enum sender_of_error from, int type, int code,
		      uint32_t rest);

/* Any packet: the family and addresses may be those of the flow by peer_packet(). */
struct packet peer_packet(const struct flow *flow);
void peer_sends_packet(const struct packet *packet);

/* --- order ----------------------------------------------------------------------------------------- */

/* On this stage fence(FAR) is a marker from the peer, which has been received when it returns, so that all that
 * the peer sent before has come to the near host's protocols; fence(NEAR) is one from the near host, which the
 * peer has when it returns. */

/* Both, in this order: what the peer sent has been taken in, and what the near host sends for it at once stands
 * before the second marker. */
void settle(void);

/* --- a handshake, step by step --------------------------------------------------------------------- */

/* connect() on a new non-blocking socket, up to its SYN, which the peer takes; and how it ends: poll() for
 * POLLOUT (bounded), and SO_ERROR. */
int see_connect_begin(struct flow *flow);
int see_connect_end(int fd);

/* Whether a connect() in progress has its outcome. */
bool has_ended(int fd);

/* A non-blocking listener on the near host. */
int open_polled_listener(int backlog);

/* The peer's SYN to a listener, and the SYN+ACK that it gets; peer_joins() acknowledges that, too.  False:
 * no SYN+ACK came. */
bool peer_begins(struct flow *flow, int listener);
bool peer_joins(struct flow *flow, int listener);

/* poll() and accept() on a non-blocking listener: once the near host has taken all that the peer sent; or
 * as soon as there is a connection (bounded). */
int see_queue(int listener);
int see_accept_soon(int listener);

/* The near host says something to the peer, which acknowledges it, and the peer something back. */
void see_peer_exchange(struct flow *flow, int fd);

/* --- the end of a connection ----------------------------------------------------------------------- */

/* Set-up: brings an established connection into a state of RFC 9293, 3.3.2, in small letters: established,
 * fin-wait-1, fin-wait-2, closing, time-wait, close-wait or last-ack.  The near end closes by
 * shutdown(), so that its descriptor stays; its FIN has come when this returns. */
void bring_to(const char *state, int fd, struct flow *flow);

/* The peer's FIN, from before it got the near host's, which it had taken last. */
void peer_fin_crosses(struct flow *flow);

/* The peer's FIN, which it had sent last, once more; what it is answered with comes before the marker that
 * follows. */
void peer_sends_fin_again(const struct flow *flow);

/* Sends an old segment, which changes nothing, time and again (bounded), until the answer is a RST, since there
 * is no such connection any more. */
bool peer_asks_until_reset(struct flow *flow);

/* Waits (bounded, for 4 s) until the connection has an error, or has ended in both directions. */
void await_end(int fd);

/* A thread, "closer" in the log, that calls close() once. */
struct closer {
	struct sleeper sleeper;
	int fd;
};
void closer_start(struct closer *closer, int fd);

/* --- time-outs and keep-alive ---------------------------------------------------------------------- */

/* TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT, and TCP_USER_TIMEOUT, so; SO_KEEPALIVE stays as it is. */
void keep_alive(int fd, int idle_s, int interval_s, int count);
void limit_silence(int fd, int ms);

/* Where the target can be told so, the first retransmission of data comes after this time, and not much later. */
void hurry_retransmissions(int ms);

/* --- TCP Fast Open --------------------------------------------------------------------------------- */

/* The Fast Open option of the peer's SYN, with this cookie; without one it asks for one (RFC 7413, 4.1.1). */
void add_fast_open(struct flow *flow, const void *cookie, size_t size);

/* The cookie in the segment that was taken last; returns its size, 0: none. */
enum { COOKIE_MAX = 16 };
size_t cookie_got(const struct flow *flow, unsigned char cookie[COOKIE_MAX]);

/* --- ICMP errors ---------------------------------------------------------------------------------- */

/* Calls work() for each error of the variant's list, e.g. errors=3.0,11.1, in a step of that name. */
void each_error(const char *name, void (*work)(int type, int code));

enum sender_of_error sender_of_error(void); /* from the variant "from": peer, router */

/* Changes what errors quote of this flow from now on, until its next packet: adds to the number of 32 bits
 * at this byte of the transport header; keeps only so many bytes behind the IP header. */
void misquote(struct flow *flow, size_t at, int by);
void cut_quote(struct flow *flow, size_t kept);

/* An error of the peer's whose checksum is wrong. */
void peer_sends_spoiled_error(const struct flow *flow, int type, int code);

/* The error that tells the path's MTU: fragmentation needed (RFC 1191, 4), packet too big (RFC 4443, 3.2). */
void peer_tells_mtu(const struct flow *flow, enum sender_of_error from, int mtu);

/* Sets IP_RECVERR or IPV6_RECVERR. */
int set_recverr(int fd);

/* recvmsg() with MSG_ERRQUEUE, which never blocks: the data, and what sock_extended_err tells, as `error`,
 * `origin`, `type`, `code`, `info` and `offender`; `address` is where the datagram was sent to. */
ssize_t see_error_queue(int fd);

/* IP_MTU or IPV6_MTU. */
int see_path_mtu(int fd);

/* Sets IP_MTU_DISCOVER or IPV6_MTU_DISCOVER to dont, want, do or probe. */
void discover_mtu(int fd, const char *how);

/* --- datagrams byte by byte ------------------------------------------------------------------------- */

/* A datagram of the peer's as it will lie in its packet, right in all; a probe may change any byte. */
struct raw {
	unsigned char bytes[4096];
	size_t size;
	size_t udp; /* where the UDP header begins */
};
void raw_packet(struct raw *raw, const struct packet *packet);
void raw_set_header(struct raw *raw, int ttl, int tos);
void peer_sends_raw(const struct raw *raw);

/* One fragment: `size` bytes behind the IP header, from `offset` on; it is the last if the datagram ends. */
void peer_sends_fragment(const struct raw *raw, uint16_t ident, size_t offset, size_t size);

/* A multicast group; setsockopt() by which a socket joins it on the link; and, as set-up, the link as the one
 * that a socket sends to groups by. */
struct name group_name(uint16_t port);
int see_join_group(int fd);
void send_to_groups_by_link(int fd);

/* setsockopt() of what makes see_receive_told() tell the header: recvmsg() that does not block, with the TTL or
 * hop limit as `ttl`, TOS or traffic class as `tos`, and the destination address as `destination`. */
void tell_of_headers(int fd);
ssize_t see_receive_told(int fd, size_t size);

/* --- what a stage of its own may be told ---------------------------------------------------------- */

/* Sets a number under /proc/sys/net of the near host, e.g. ("ipv4/tcp_syn_retries", 1); where that cannot
 * be, the probe ends as unavailable. */
void set_sysctl(const char *name, long value);

/* The MTU of the near host's link. */
void set_link_mtu(int mtu);

#endif
