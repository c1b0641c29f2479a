/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted peer: takes and makes packets at the other end of the near host's link. */
#include "peer.h"

#include "internal.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* The frames' addresses are those of agent/link.c. */
static const unsigned char near_mac[ETH_ALEN] = {0x02, 0, 0, 0, 0, 0x01};
static const unsigned char peer_mac[ETH_ALEN] = {0x02, 0, 0, 0, 0, 0x04};

/* A router on the way to the peer, known by its errors only. */
static const char router_inet[] = "192.0.2.254";
static const char router_inet6[] = "2001:db8::fe";

enum {
	FRAME_MAX = HEARD_MAX,	      /* what is longer is cut when read */
	QUOTED_INET = 576 - 20 - 8,   /* RFC 1812, 4.3.2.3: 576 bytes in all */
	QUOTED_INET6 = 1280 - 40 - 8, /* RFC 4443, 2.4 (c): the minimum MTU */
	INBOX_MAX = 256, /* packets that came and belong to another flow, or to later */
	FIRST_PORT = 7001,
	PORTS = 20000,
	SHOWN_WAIT = 64,
};

/* A packet that nobody has asked for yet. */
struct letter {
	unsigned char *bytes; /* exactly its own; NULL: taken */
	size_t size;
};

/* How long the near host may take to send what the script waits for. */
int peer_patience_ms = 4000;
bool peer_only_looks;

static struct {
	int fd; /* 0: not opened */
	bool ether;
	cpu_set_t free; /* where the probe may run */
	bool pinned;
	struct letter inbox[INBOX_MAX];
	size_t count; /* letters written, of INBOX_MAX */
	unsigned ports;
} peer;

bool on_wire(void)
{
	return !strcmp(stage(), "wire");
}

/* Packets of one thread keep their order only where it stays on one processor: each has a queue of its own
 * for what crosses the link. */
static void pin(void)
{
	cpu_set_t here;
	int cpu = sched_getcpu();

	if (cpu < 0 || sched_getaffinity(0, sizeof peer.free, &peer.free))
		return;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	peer.pinned = !sched_setaffinity(0, sizeof here, &here);
}

void unpin(void)
{
	if (peer.pinned)
		sched_setaffinity(0, sizeof peer.free, &peer.free);
}

static void peer_open(void)
{
	const char *fd = getenv("SOCKSPEC_PEER");
	const char *frames = getenv("SOCKSPEC_PEER_FRAMES");

	if (peer.fd)
		return;
	if (!fd || !frames)
		unavailable("a scripted peer, which the stage wire gives", 0);
	peer.fd = (int)strtol(fd, NULL, 10);
	peer.ether = !strcmp(frames, "ether");
	pin();
}

/* --- frames -------------------------------------------------------------------------------------------- */

static size_t frame_header(void)
{
	return peer.ether ? ETH_HLEN : 0;
}

/* A signal that the probe catches may come meanwhile. */
static bool is_ready(int fd, short events)
{
	struct pollfd poller = {.fd = fd, .events = events};
	int ready;

	do
		ready = poll(&poller, 1, peer_patience_ms);
	while (ready < 0 && errno == EINTR);
	return ready == 1;
}

static void must_poll(short events)
{
	if (!is_ready(peer.fd, events))
		fault("the link takes no packet");
}

static void write_packet(const unsigned char *bytes, size_t size)
{
	unsigned char frame[ETH_HLEN + FRAME_MAX];
	size_t header = frame_header();
	unsigned type = bytes[0] >> 4 == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;

	if (size > FRAME_MAX)
		fault("the peer sends no packets of %zu bytes", size);
	memcpy(frame, near_mac, sizeof near_mac);
	memcpy(frame + ETH_ALEN, peer_mac, sizeof peer_mac);
	frame[12] = (unsigned char)(type >> 8);
	frame[13] = (unsigned char)type;
	memcpy(frame + header, bytes, size);
	while (write(peer.fd, frame, header + size) < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
			fault_at("write() of the peer's packet", errno, __FILE__, __LINE__);
		must_poll(POLLOUT);
	}
}

void peer_sends_bytes(const unsigned char *bytes, size_t size)
{
	peer_open();
	write_packet(bytes, size);
}

void peer_sends_packet(const struct packet *packet)
{
	unsigned char bytes[FRAME_MAX];
	size_t size;

	peer_open();
	size = packet_compose(packet, bytes, sizeof bytes);
	if (!size)
		fault("the peer's packet is too long");
	write_packet(bytes, size);
}

/* Keeps one packet that came; false: none is there. */
static bool read_letter(void)
{
	unsigned char frame[ETH_HLEN + FRAME_MAX];
	size_t header = frame_header();
	ssize_t got = read(peer.fd, frame, header + FRAME_MAX);
	struct letter *letter;

	if (got < 0 && errno != EAGAIN && errno != EINTR)
		fault_at("read() of the peer's packets", errno, __FILE__, __LINE__);
	if (got < 0)
		return errno == EINTR;
	if (!got)
		return false; /* whoever gave us the descriptor is gone */
	if ((size_t)got <= header)
		return true;
	if (peer.count == INBOX_MAX)
		fault("the peer has %d packets that no line of the script takes", INBOX_MAX);
	letter = &peer.inbox[peer.count++];
	letter->size = (size_t)got - header;
	letter->bytes = malloc(letter->size);
	if (!letter->bytes)
		fault_at("malloc()", errno, __FILE__, __LINE__);
	memcpy(letter->bytes, frame + header, letter->size);
	return true;
}

/* Makes room where letters were taken. */
static void tidy(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < peer.count; i++) {
		if (peer.inbox[i].bytes)
			peer.inbox[kept++] = peer.inbox[i];
	}
	peer.count = kept;
}

void peer_forget(void)
{
	for (size_t i = 0; i < peer.count; i++)
		free(peer.inbox[i].bytes);
	peer.count = 0;
}

/* Takes in what has come. */
static void read_letters(void)
{
	if (peer.count > INBOX_MAX / 2)
		tidy();
	while (read_letter())
		;
}

/* --- which flow a packet belongs to ---------------------------------------------------------------------- */

static bool same_address(const struct name *name, const unsigned char *bytes)
{
	if (name->any.sa_family == AF_INET)
		return !memcmp(&name->in.sin_addr, bytes, 4);
	return !memcmp(&name->in6.sin6_addr, bytes, 16);
}

static void address_bytes(const struct name *name, unsigned char *bytes)
{
	if (name->any.sa_family == AF_INET)
		memcpy(bytes, &name->in.sin_addr, 4);
	else
		memcpy(bytes, &name->in6.sin6_addr, 16);
}

static bool belongs(const struct flow *flow, const struct packet *packet)
{
	uint16_t near_port = port_of(&flow->near);

	return packet->protocol == flow->protocol && packet->family == flow->far.any.sa_family &&
	       !packet->fragment && packet->dport == port_of(&flow->far) &&
	       same_address(&flow->far, packet->dst) && same_address(&flow->near, packet->src) &&
	       (!near_port || near_port == packet->sport);
}

/* --- taking a packet -------------------------------------------------------------------------------------- */

static int32_t ahead(uint32_t number, uint32_t of)
{
	return (int32_t)(number - of);
}

/* The first SYN, or SYN+ACK, tells the numbers. */
static bool first_syn(const struct flow *flow, const struct packet *packet)
{
	return packet->flags & SYN && flow->rcv_nxt == flow->irs;
}

enum news { NEW, AGAIN, LATER };

/* What a segment is to the peer; what stands behind a gap waits until that is filled. */
static enum news news_of(const struct flow *flow, const struct packet *packet)
{
	uint32_t numbers = packet_numbers(packet);

	if (flow->protocol != IPPROTO_TCP || !numbers)
		return NEW;
	if (first_syn(flow, packet))
		return NEW;
	if (ahead(packet->seq + numbers, flow->rcv_nxt) <= 0)
		return AGAIN;
	return ahead(packet->seq, flow->rcv_nxt) > 0 ? LATER : NEW;
}

static void keep_heard(struct flow *flow, const struct packet *packet, const struct letter *letter)
{
	memcpy(flow->heard, letter->bytes, letter->size);
	flow->heard_size = letter->size;
	flow->got = *packet;
	flow->got.data = flow->heard + (packet->data - letter->bytes);
}

static void take(struct flow *flow, const struct packet *packet, const struct letter *letter)
{
	uint32_t numbers = packet_numbers(packet);

	keep_heard(flow, packet, letter);
	if (flow->protocol != IPPROTO_TCP)
		return;
	if (first_syn(flow, packet))
		flow->irs = flow->rcv_nxt = packet->seq;
	if (numbers && ahead(packet->seq + numbers, flow->rcv_nxt) > 0)
		flow->rcv_nxt = packet->seq + numbers;
	if (packet->flags & ACK && ahead(packet->ack, flow->acked) > 0)
		flow->acked = packet->ack;
}

/* Takes the oldest packet of the flow that can be taken; false: there is none. */
static bool take_next(struct flow *flow, enum news *news)
{
	for (size_t i = 0; i < peer.count; i++) {
		struct letter *letter = &peer.inbox[i];
		struct packet packet;

		if (!letter->bytes || !packet_parse(&packet, letter->bytes, letter->size) ||
		    !belongs(flow, &packet))
			continue;
		if (!port_of(&flow->near))
			set_port(&flow->near, packet.sport);
		*news = news_of(flow, &packet);
		if (*news == LATER)
			continue;
		flow->again += *news == AGAIN;
		take(flow, &packet, letter);
		free(letter->bytes);
		letter->bytes = NULL;
		return true;
	}
	return false;
}

static bool wait_for_packets(int64_t end_ns)
{
	struct pollfd poller = {.fd = peer.fd, .events = POLLIN};
	int64_t left_ms = (end_ns - now_ns()) / 1000000;

	return left_ms > 0 && poll(&poller, 1, (int)left_ms + 1) != 0;
}

static void say_in_vain(const char *what)
{
	struct event event;

	event_begin(&event, "peer");
	event_text(&event, "what", what);
	if (!log_is_readable())
		event_number(&event, "t", now_ns());
	event_bool(&event, "came", false);
	event_end(&event);
}

/* What ends a wait: asked after each packet that was taken, and before the first one with NULL. */
struct wish {
	bool (*come)(const struct flow *flow, const struct wish *wish, const enum news *news);
	int flags;
	uint32_t number;
	bool acknowledge; /* each segment that takes numbers */
};

static bool wait_for(struct flow *flow, const struct wish *wish, const char *what)
{
	int64_t end = now_ns() + peer_patience_ms * INT64_C(1000000);
	enum news news;

	peer_open();
	if (wish->come(flow, wish, NULL))
		return true;
	do {
		read_letters();
		while (take_next(flow, &news)) {
			if (wish->acknowledge && packet_numbers(&flow->got))
				peer_sends(flow, ACK);
			if (wish->come(flow, wish, &news))
				return true;
		}
	} while (wait_for_packets(end));
	if (!peer_only_looks)
		say_in_vain(what);
	return false;
}

static bool has_flags(const struct flow *flow, const struct wish *wish, const enum news *news)
{
	return news && *news == NEW && (flow->got.flags & wish->flags) == wish->flags;
}

static bool has_number(const struct flow *flow, const struct wish *wish, const enum news *news)
{
	(void)news;
	return ahead(flow->rcv_nxt, wish->number) >= 0;
}

static bool is_acknowledged(const struct flow *flow, const struct wish *wish, const enum news *news)
{
	(void)wish;
	(void)news;
	return ahead(flow->acked, flow->snd_nxt) >= 0;
}

static bool is_again(const struct flow *flow, const struct wish *wish, const enum news *news)
{
	(void)flow;
	(void)wish;
	return news && *news == AGAIN;
}

/* With a byte or without: at most one number, from before the next one. */
static bool is_keepalive(const struct flow *flow, const struct wish *wish, const enum news *news)
{
	(void)wish;
	return news && flow->got.flags == ACK && packet_numbers(&flow->got) <= 1 &&
	       ahead(flow->got.seq, flow->rcv_nxt) < 0;
}

static bool is_any(const struct flow *flow, const struct wish *wish, const enum news *news)
{
	(void)flow;
	(void)wish;
	return news != NULL;
}

static void tcp_flags_text(char *text, size_t size, int flags)
{
	static const struct symbol names[] = {
		{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"},
		{ACK, "ACK"}, {URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"},
	};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < COUNT(names) && used < size; i++) {
		if (flags & names[i].value)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "+" : "",
						 names[i].name);
	}
}

bool peer_gets(struct flow *flow, int flags)
{
	struct wish wish = {.come = has_flags, .flags = flags};
	char what[SHOWN_WAIT];

	tcp_flags_text(what, sizeof what, flags);
	return wait_for(flow, &wish, what);
}

static bool wait_for_data(struct flow *flow, size_t size, bool acknowledge)
{
	struct wish wish = {.come = has_number,
			    .number = flow->rcv_nxt + (uint32_t)size,
			    .acknowledge = acknowledge};
	char what[SHOWN_WAIT];

	snprintf(what, sizeof what, "%zu bytes of data", size);
	return wait_for(flow, &wish, what);
}

bool peer_gets_data(struct flow *flow, size_t size)
{
	return wait_for_data(flow, size, false);
}

bool peer_takes(struct flow *flow, size_t size)
{
	return wait_for_data(flow, size, true);
}

bool peer_is_acknowledged(struct flow *flow)
{
	struct wish wish = {.come = is_acknowledged};

	return wait_for(flow, &wish, "the acknowledgement of what it sent");
}

bool peer_gets_again(struct flow *flow)
{
	struct wish wish = {.come = is_again};

	return wait_for(flow, &wish, "a retransmission");
}

bool peer_gets_keepalive(struct flow *flow)
{
	struct wish wish = {.come = is_keepalive};

	return wait_for(flow, &wish, "a keep-alive probe");
}

bool peer_gets_datagram(struct flow *flow)
{
	struct wish wish = {.come = is_any};

	return wait_for(flow, &wish, "a datagram");
}

/* --- sending ----------------------------------------------------------------------------------------------- */

struct packet peer_packet(const struct flow *flow)
{
	struct packet packet = {
		.family = flow->far.any.sa_family,
		.protocol = (unsigned char)flow->protocol,
		.sport = port_of(&flow->far),
		.dport = port_of(&flow->near),
	};

	address_bytes(&flow->far, packet.src);
	address_bytes(&flow->near, packet.dst);
	return packet;
}

static struct packet segment_packet(const struct flow *flow, int flags)
{
	struct packet packet = peer_packet(flow);

	if (!packet.dport)
		fault("the peer does not know whom to send to: nothing came from there yet");
	packet.flags = (unsigned char)flags;
	packet.seq = flow->snd_nxt;
	packet.ack = flags & ACK ? flow->rcv_nxt : 0;
	packet.window = flow->window;
	return packet;
}

void add_syn_option(struct flow *flow, const void *option, size_t size)
{
	if (size > sizeof flow->syn_options - flow->syn_options_size)
		fault("the SYN's options are too long");
	memcpy(flow->syn_options + flow->syn_options_size, option, size);
	flow->syn_options_size += size;
}

static void add_syn_options(const struct flow *flow, struct packet *packet)
{
	const unsigned char mss[] = {2, 4, (unsigned char)(flow->mss >> 8),
				     (unsigned char)flow->mss};

	if (flow->mss) {
		memcpy(packet->options, mss, sizeof mss);
		packet->options_size = sizeof mss;
	}
	if (flow->syn_options_size > TCP_OPTIONS_MAX - packet->options_size)
		fault("the SYN's options are too long");
	memcpy(packet->options + packet->options_size, flow->syn_options, flow->syn_options_size);
	packet->options_size += flow->syn_options_size;
}

void peer_sends(struct flow *flow, int flags)
{
	struct packet packet = segment_packet(flow, flags);

	if (flags & SYN)
		add_syn_options(flow, &packet);
	flow->snd_nxt += packet_numbers(&packet);
	peer_sends_packet(&packet);
}

void peer_sends_data(struct flow *flow, const void *data, size_t size)
{
	struct packet packet = segment_packet(flow, PSH | ACK);

	packet.data = data;
	packet.size = size;
	flow->snd_nxt += (uint32_t)size;
	peer_sends_packet(&packet);
}

void peer_speaks(struct flow *flow, unsigned seed)
{
	unsigned char words[SAID];

	pattern_fill(words, sizeof words, 0, seed);
	peer_sends_data(flow, words, sizeof words);
}

void peer_sends_urgent(struct flow *flow, const void *data, size_t size, uint16_t urgent)
{
	struct segment segment = {
		.flags = URG | PSH | ACK, .urgent = urgent, .data = data, .size = size};

	peer_sends_segment(flow, &segment);
	flow->snd_nxt += (uint32_t)size;
}

void peer_sends_syn_data(struct flow *flow, const void *data, size_t size)
{
	struct packet packet = segment_packet(flow, SYN);

	packet.data = data;
	packet.size = size;
	add_syn_options(flow, &packet);
	flow->snd_nxt += packet_numbers(&packet);
	peer_sends_packet(&packet);
}

void peer_offers(struct flow *flow, uint16_t window)
{
	flow->window = window;
	peer_sends(flow, ACK);
}

void peer_sends_segment(const struct flow *flow, const struct segment *segment)
{
	struct packet packet = segment_packet(flow, segment->flags);

	packet.seq += (uint32_t)segment->seq_ahead;
	packet.ack += (uint32_t)segment->ack_ahead;
	packet.urgent = segment->urgent;
	packet.ttl = segment->ttl;
	packet.data = segment->data;
	packet.size = segment->size;
	peer_sends_packet(&packet);
}

void peer_sends_datagram(const struct flow *flow, const void *data, size_t size)
{
	struct packet packet = peer_packet(flow);

	packet.data = data;
	packet.size = size;
	peer_sends_packet(&packet);
}

static size_t quoted(const struct flow *flow, int family)
{
	size_t most = family == AF_INET ? QUOTED_INET : QUOTED_INET6;

	return flow->heard_size < most ? flow->heard_size : most;
}

void peer_sends_error(const struct flow *flow, enum sender_of_error from, int type, int code,
		      uint32_t rest)
{
	struct packet packet = peer_packet(flow);

	if (!flow->heard_size)
		fault("the peer has no packet to quote in an error");
	packet.protocol = packet.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	packet.type = (unsigned char)type;
	packet.code = (unsigned char)code;
	packet.rest = rest;
	packet.data = flow->heard;
	packet.size = quoted(flow, packet.family);
	if (from == FROM_ROUTER)
		inet_pton(packet.family, packet.family == AF_INET ? router_inet : router_inet6,
			  packet.src);
	peer_sends_packet(&packet);
}

/* --- conversations ------------------------------------------------------------------------------------------ */

/* The peer's ports are nobody else's; each flow has one of its own. */
static struct flow flow_of(int protocol)
{
	unsigned n = peer.ports++ % PORTS;
	struct flow flow = {
		.protocol = protocol,
		.far = name_of(FAR, (uint16_t)(FIRST_PORT + n)),
		.near = name_of(NEAR, 0),
		.iss = UINT32_C(0x10000000) + n * UINT32_C(0x1000000),
		.window = 65535,
		.mss = family() == AF_INET ? IPV4_MSS : IPV6_MSS,
	};

	peer_open();
	flow.snd_nxt = flow.acked = flow.iss;
	return flow;
}

struct flow peer_listens(void)
{
	return flow_of(IPPROTO_TCP);
}

struct flow peer_datagrams(void)
{
	return flow_of(IPPROTO_UDP);
}

struct flow peer_calls(int fd)
{
	struct flow flow = peer_listens();
	struct name name = name_of_socket(fd);

	set_port(&flow.near, port_of(&name));
	return flow;
}

struct flow peer_datagrams_to(int fd)
{
	struct flow flow = peer_datagrams();
	struct name name = name_of_socket(fd);

	set_port(&flow.near, port_of(&name));
	return flow;
}

static void must_come(bool came, const char *what)
{
	if (!came)
		fault("the near host did not send its %s", what);
}

void connect_to_peer(int fd, struct flow *flow)
{
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	if (!connect(fd, &flow->far.any, flow->far.length) || errno != EINPROGRESS)
		fault_at("connect()", errno, __FILE__, __LINE__);
	must_come(peer_gets(flow, SYN), "SYN");
	peer_sends(flow, SYN | ACK);
	must_come(peer_gets(flow, ACK), "ACK");
	must(fcntl(fd, F_SETFL, 0));
}

int open_to_peer(struct flow *flow)
{
	int fd = open_socket(NEAR, SOCK_STREAM);

	connect_to_peer(fd, flow);
	return fd;
}

int open_flow(const char *what, struct flow *flow)
{
	int fd;

	*flow = peer_listens();
	fd = open_to_peer(flow);
	note_name(what, &flow->near);
	return fd;
}

int accept_from_peer(int listener, struct flow *flow)
{
	int fd;

	must_come(peer_joins(flow, listener), "SYN+ACK");
	fd = must(accept(listener, NULL, NULL));
	side_of_fd_set(fd, NEAR);
	return fd;
}

int open_datagrams(struct flow *flow, bool connected)
{
	int fd = open_bound(NEAR, SOCK_DGRAM);

	*flow = peer_datagrams_to(fd);
	if (connected)
		must(connect(fd, &flow->far.any, flow->far.length));
	return fd;
}

/* --- the fence ------------------------------------------------------------------------------------------------ */

/* One conversation for the markers: the kit's own socket, and a port of the peer's. */
static struct flow fence_flow;
static int fence_fd;

static void fence_open(void)
{
	int fd;

	if (fence_fd)
		return;
	fd = open_datagrams(&fence_flow, true);
	fence_fd = must(fcntl(fd, F_DUPFD_CLOEXEC, KIT_FDS + 100));
	close(fd);
}

void peer_fence(enum place from, const char *text)
{
	char answer[64];

	peer_open();
	fence_open();
	if (from == NEAR) {
		must(send(fence_fd, text, strlen(text), 0));
		must_come(peer_gets_datagram(&fence_flow), "marker");
		return;
	}
	peer_sends_datagram(&fence_flow, text, strlen(text));
	if (!is_ready(fence_fd, POLLIN))
		fault("the peer's marker does not reach the near host");
	must(recv(fence_fd, answer, sizeof answer, 0));
}

void settle(void)
{
	fence(FAR);
	fence(NEAR);
}

/* --- what the stage is told ---------------------------------------------------------------------------------- */

void set_sysctl(const char *name, long value)
{
	if (!write_sysctl(name, value))
		unavailable(name, errno);
}

void set_link_mtu(int mtu)
{
	struct ifreq request = {.ifr_mtu = mtu};
	int fd = open_socket(NEAR, SOCK_DGRAM);
	int result;

	if (!on_wire())
		unavailable("a link whose MTU may be changed, which the stage wire gives", 0);
	snprintf(request.ifr_name, sizeof request.ifr_name, "near");
	capabilities_back();
	result = ioctl(fd, SIOCSIFMTU, &request);
	capabilities_aside();
	if (result)
		unavailable("another MTU of the link", errno);
	close(fd);
}
