/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts that show what the stage `wire` and its peer are like, and not what the near host does: a probe
 * that plays the one that its variant names, script=...
 */
#include "internal.h"
#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>

/* Long enough to see what a kernel sends by itself within a second of a link's coming up. */
static const int quiet_ms = 1200;

static void note_truth(const char *name, bool value)
{
	note_number(name, value);
}

/* --- the stage ----------------------------------------------------------------------------------- */

static void idle(void)
{
	waits("packets that nobody asked for");
	poll(NULL, 0, quiet_ms);
}

static int prefix_length(const struct sockaddr *mask)
{
	const unsigned char *bytes =
		mask->sa_family == AF_INET
			? (const void *)&((const struct sockaddr_in *)mask)->sin_addr
			: (const void *)&((const struct sockaddr_in6 *)mask)->sin6_addr;
	int length = 0;

	for (int i = 0; i < (mask->sa_family == AF_INET ? 4 : 16); i++)
		length += __builtin_popcount(bytes[i]);
	return length;
}

static void addresses(void)
{
	struct ifaddrs *first;
	char host[INET6_ADDRSTRLEN];
	char line[80];

	must(getifaddrs(&first));
	for (const struct ifaddrs *at = first; at; at = at->ifa_next) {
		int family = at->ifa_addr ? at->ifa_addr->sa_family : AF_UNSPEC;
		const void *bytes =
			family == AF_INET
				? (const void *)&((struct sockaddr_in *)at->ifa_addr)->sin_addr
				: (const void *)&((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr;

		if (family != AF_INET && family != AF_INET6)
			continue;
		inet_ntop(family, bytes, host, sizeof host);
		snprintf(line, sizeof line, "%s %s/%d", at->ifa_name, host,
			 prefix_length(at->ifa_netmask));
		note_text("address", line);
	}
	freeifaddrs(first);
}

/* connect() of a UDP socket asks for the route, and sends nothing. */
static void route_to(const char *text)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(7)};
	struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(7)};
	bool inet6 = strchr(text, ':') != NULL;
	int fd = must(socket(inet6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0));
	int result;

	inet_pton(inet6 ? AF_INET6 : AF_INET, text, inet6 ? (void *)&to.sin6_addr : &to4.sin_addr);
	result = connect(fd, inet6 ? (void *)&to : (void *)&to4, inet6 ? sizeof to : sizeof to4);
	note_text(text, result ? errno_name(errno) : "a route");
	close(fd);
}

static void routes(void)
{
	static const char *const to[] = {
		"192.0.2.2",   "192.0.2.3",   "198.51.100.1",  "203.0.113.1",
		"2001:db8::2", "2001:db8::3", "2001:db8:2::1", "2001:db8:3::1",
	};

	for (size_t i = 0; i < COUNT(to); i++)
		route_to(to[i]);
}

/* How the peer is joined. */
static void frames(void)
{
	const char *given = getenv("SOCKSPEC_PEER_FRAMES");

	note_text("frames", given ? given : "none");
}

/* What the stage is like without IPv6. */
static void no_inet6(void)
{
	struct name name = name_in(AF_INET6, NEAR, 0);
	int fd = must(socket(AF_INET6, SOCK_DGRAM, 0));
	int result = bind(fd, &name.any, name.length);

	note_text("bind", result ? errno_name(errno) : "bound");
	close(fd);
}

/* --- the far namespace --------------------------------------------------------------------------- */

/* An echo request; ICMPv6's checksum is the kernel's. */
static void send_echo_request(const struct name *to)
{
	static const unsigned char inet[8] = {ICMP_ECHO, 0, 0xf7, 0xff};
	static const unsigned char inet6[8] = {ICMP6_ECHO_REQUEST};
	bool is_inet = family() == AF_INET;
	struct name name = *to;
	int fd;

	set_port(&name, 0);
	capabilities_back();
	fd = must(socket(family(), SOCK_RAW, is_inet ? IPPROTO_ICMP : IPPROTO_ICMPV6));
	capabilities_aside();
	must(sendto(fd, is_inet ? inet : inet6, 8, 0, &name.any, name.length));
	close(fd);
}

/* All that a kernel would answer. */
static void knock(void)
{
	struct name to = name_of(FAR, 4711);
	int tcp = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
	int udp = open_socket(NEAR, SOCK_DGRAM);

	if (connect(tcp, &to.any, to.length) != -1 || errno != EINPROGRESS)
		fault("connect() did not begin");
	must(sendto(udp, "knock", 5, 0, &to.any, to.length));
	send_echo_request(&to);
	fence(NEAR); /* they are there */
	fence(FAR);  /* and so is whatever answers */
}

/* How many packets the near host's IP has been given by its devices (RFC 4293, ipSystemStatsInReceives);
 * ICMP, and packets to itself, are among them. */
static long packets_received(void)
{
	bool is_inet = family() == AF_INET;
	FILE *file = fopen(is_inet ? "/proc/net/snmp" : "/proc/net/snmp6", "re");
	const char *format = is_inet ? "Ip: %*d %*d %ld" : "Ip6InReceives %ld";
	char line[1024];
	long count = -1;

	if (!file)
		fault("the kernel counts no packets");
	while (count < 0 && fgets(line, sizeof line, file))
		sscanf(line, format, &count);
	fclose(file);
	if (count < 0)
		fault("the kernel's counts lack InReceives");
	return count;
}

/* A socket of the near host that takes whatever comes for a port of the peer's. */
static int open_eavesdropper(const struct flow *flow)
{
	struct name name = name_of(WILDCARD, port_of(&flow->far));
	int fd = open_socket(NEAR, SOCK_DGRAM);

	must(bind(fd, &name.any, name.length));
	return fd;
}

/* It sends to groups by the link, and lets the kernel keep no copy of it for this host. */
static int open_speaker(void)
{
	bool is_inet = family() == AF_INET;
	int fd = open_bound(NEAR, SOCK_DGRAM);
	int on = 1;
	int off = 0;

	must(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on));
	must(setsockopt(fd, is_inet ? IPPROTO_IP : IPPROTO_IPV6,
			is_inet ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP, &off, sizeof off));
	send_to_groups_by_link(fd);
	return fd;
}

/* What the near host sends into its link, to the peer, to nobody and to all: nothing of it comes back. */
static void unheard(void)
{
	static const char *const inet[] = {"192.0.2.2", "192.0.2.3", "224.0.0.1", "255.255.255.255",
					   "192.0.2.255"};
	static const char *const inet6[] = {"2001:db8::2", "2001:db8::3", "ff02::1"};
	bool is_inet = family() == AF_INET;
	size_t count = is_inet ? COUNT(inet) : COUNT(inet6);
	struct flow flow = peer_datagrams();
	int listener = open_eavesdropper(&flow);
	int speaker = open_speaker();
	long before;
	char got[16];

	fence(NEAR); /* it opens a socket: now none is opened in between */
	before = packets_received();
	for (size_t i = 0; i < count; i++) {
		struct name to = name_of(FAR, port_of(&flow.far));

		must(inet_pton(family(), is_inet ? inet[i] : inet6[i],
			       is_inet ? (void *)&to.in.sin_addr : (void *)&to.in6.sin6_addr));
		must(sendto(speaker, "to you", 6, 0, &to.any, to.length));
	}
	fence(NEAR); /* all of it has left */
	note_number("received", packets_received() - before);
	while (recv(listener, got, sizeof got, MSG_DONTWAIT) >= 0)
		note_text("heard", "a datagram");
	fence(FAR); /* and so has whatever it made the kernel send */
}

/* --- packets on the wire ------------------------------------------------------------------------- */

static uint32_t sum(const unsigned char *bytes, size_t size)
{
	uint32_t total = 0;

	for (size_t i = 0; i < size; i++)
		total += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return total;
}

static bool is_whole(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total == 0xffff;
}

/* RFC 1071; the pseudo header of RFC 9293, 3.1, and of RFC 8200, 8.1. */
static bool checksums_are_right(const struct flow *flow)
{
	const unsigned char *packet = flow->heard;
	bool inet = packet[0] >> 4 == 4;
	size_t header = inet ? (size_t)(packet[0] & 15) * 4 : 40;
	size_t size = flow->heard_size - header;
	uint32_t addresses = inet ? sum(packet + 12, 8) : sum(packet + 8, 32);

	if (inet && !is_whole(sum(packet, header)))
		return false;
	return is_whole(addresses + (uint32_t)flow->protocol + (uint32_t)size +
			sum(packet + header, size));
}

enum { BULK = 60000, DATAGRAM = 1400 };

/* More than a segment's worth in one write(): a device with offloads would get it in one piece. */
static void bulk(void)
{
	static char data[BULK];
	struct flow flow = peer_listens();
	int fd = open_to_peer(&flow);
	uint32_t end = flow.rcv_nxt + BULK;
	long segments = 0;
	long wrong = 0;
	size_t longest = 0;

	set_option(fd, SOL_SOCKET, SO_SNDBUF, 4 * BULK);
	must(write(fd, data, sizeof data));
	while (flow.rcv_nxt != end && peer_gets(&flow, ACK)) {
		wrong += !checksums_are_right(&flow);
		longest = flow.got.size > longest ? flow.got.size : longest;
		segments++;
		peer_sends(&flow, ACK);
	}
	note_number("left", (int64_t)(int32_t)(end - flow.rcv_nxt));
	note_number("segments", segments);
	note_number("wrong", wrong);
	note_number("longest", (int64_t)longest);
}

static void checksum_of_a_datagram(void)
{
	static const char data[DATAGRAM];
	struct flow flow;
	int fd = open_datagrams(&flow, true);

	must(send(fd, data, sizeof data, 0));
	peer_gets_datagram(&flow);
	note_truth("right", checksums_are_right(&flow));
}

/* As many as the peer keeps, before it looks for the first time. */
static void burst(void)
{
	static const char data[DATAGRAM];
	struct flow flow;
	int fd = open_datagrams(&flow, true);
	int came = 0;

	peer_patience_ms = 200;
	for (int i = 0; i < 200; i++)
		must(send(fd, data, sizeof data, 0));
	while (came < 200 && peer_gets_datagram(&flow))
		came++;
	note_number("came", came);
}

/* --- the peer ------------------------------------------------------------------------------------ */

static void in_vain(void)
{
	struct flow tcp = peer_listens();
	struct flow udp = peer_datagrams();

	peer_patience_ms = 50;
	note_truth("flags", peer_gets(&tcp, SYN | ACK));
	note_truth("data", peer_gets_data(&tcp, 7));
	note_truth("takes", peer_takes(&tcp, 8));
	note_truth("again", peer_gets_again(&tcp));
	note_truth("datagram", peer_gets_datagram(&udp));
	tcp.snd_nxt++;
	note_truth("acknowledged", peer_is_acknowledged(&tcp));
}

static void gets_text(const char *name, struct flow *flow)
{
	if (flow->protocol == IPPROTO_TCP)
		peer_takes(flow, 3);
	else
		peer_gets_datagram(flow);
	note_bytes(name, flow->got.data, flow->got.size);
}

/* Two of each protocol; the last that is sent is taken first. */
static void two_flows(void)
{
	struct flow flows[4] = {peer_listens(), peer_listens()};
	int fds[4];

	for (int i = 0; i < 2; i++)
		fds[i] = open_to_peer(&flows[i]);
	for (int i = 2; i < 4; i++)
		fds[i] = open_datagrams(&flows[i], true);
	must(send(fds[0], "one", 3, 0));
	must(send(fds[2], "three", 5, 0));
	must(send(fds[1], "two", 3, 0));
	must(send(fds[3], "four", 4, 0));
	gets_text("four", &flows[3]);
	gets_text("two", &flows[1]);
	gets_text("three", &flows[2]);
	gets_text("one", &flows[0]);
}

/* Two sockets of the near host's send to one port of the peer's: the flow is the first one's. */
static void one_port(void)
{
	struct flow flow;
	int first = open_datagrams(&flow, true);
	int second = open_socket(NEAR, SOCK_DGRAM);

	must(sendto(second, "two", 3, 0, &flow.far.any, flow.far.length));
	must(send(first, "one", 3, 0));
	gets_text("one", &flow);
}

static bool is_of(const struct flow *flow, int fd)
{
	struct name name = name_of_socket(fd);

	return port_of(&flow->near) == port_of(&name);
}

/* Neither flow knows yet who will call; the one that is called last is asked first. */
static void two_calls(void)
{
	struct flow flows[2] = {peer_listens(), peer_listens()};
	int fds[2];

	for (int i = 0; i < 2; i++) {
		fds[i] = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);
		connect(fds[i], &flows[i].far.any, flows[i].far.length);
	}
	peer_gets(&flows[1], SYN);
	peer_gets(&flows[0], SYN);
	note_truth("second", is_of(&flows[1], fds[1]));
	note_truth("first", is_of(&flows[0], fds[0]));
}

static void syn_again(void)
{
	struct flow flow = peer_listens();
	int fd = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	connect(fd, &flow.far.any, flow.far.length);
	note_truth("first", peer_gets(&flow, SYN));
	waits("the SYN's retransmission");
	note_truth("again", peer_gets_again(&flow));
	note_number("count", flow.again);
	note_truth("no other number", flow.got.seq == flow.irs && flow.rcv_nxt == flow.irs + 1);
	peer_patience_ms = 20;
	note_truth("new", peer_gets(&flow, SYN));
	peer_patience_ms = 4000;
	peer_sends(&flow, SYN | ACK);
	note_truth("answered", peer_gets(&flow, ACK));
	await_poll(fd, POLLOUT);
}

/* The first SYN is taken when there are two. */
static void two_syns(void)
{
	struct flow flow = peer_listens();
	struct flow other = peer_listens();
	int fd = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	connect(fd, &flow.far.any, flow.far.length);
	waits("the SYN's retransmission");
	peer_patience_ms = 1500;
	peer_gets(&other, SYN);
	peer_patience_ms = 4000;
	note_truth("first", peer_gets(&flow, SYN));
	note_number("count", flow.again);
	peer_sends(&flow, SYN | ACK);
	note_truth("answered", peer_gets(&flow, ACK));
	note_number("count", flow.again);
	await_poll(fd, POLLOUT);
}

static void overflow(void)
{
	struct flow other = peer_datagrams();
	struct flow flow;
	int fd = open_datagrams(&flow, true);

	for (int i = 0; i < 300; i++)
		must(send(fd, "", 0, 0));
	peer_gets_datagram(&other);
}

/* --- order ------------------------------------------------------------------------------------------ */

/* What stands before a marker has come when the marker has. */
static void fences(void)
{
	struct flow flow;
	int fd = open_datagrams(&flow, true);
	char got[8];

	fence(NEAR);
	peer_sends_datagram(&flow, "hi", 2);
	fence(FAR);
	note_number("received", recv(fd, got, sizeof got, MSG_DONTWAIT));
	must(send(fd, "ho", 2, 0));
	fence(NEAR);
	peer_patience_ms = 0;
	note_truth("taken", peer_gets_datagram(&flow));
	peer_patience_ms = 4000;
	fence(FAR);
}

/* ---------------------------------------------------------------------------------------------------- */

#define SCRIPT(name) {#name, name}
static const struct {
	const char *name;
	void (*play)(void);
} scripts[] = {
	SCRIPT(idle),	  SCRIPT(addresses), SCRIPT(routes),   SCRIPT(no_inet6),
	SCRIPT(knock),	  SCRIPT(bulk),	     SCRIPT(burst),    SCRIPT(checksum_of_a_datagram),
	SCRIPT(in_vain),  SCRIPT(two_flows), SCRIPT(one_port), SCRIPT(syn_again),
	SCRIPT(two_syns), SCRIPT(overflow),  SCRIPT(fences),   SCRIPT(two_calls),
	SCRIPT(unheard),  SCRIPT(frames),
};

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < COUNT(scripts); i++) {
		if (variant_is("script", scripts[i].name)) {
			scripts[i].play();
			return probe_end();
		}
	}
	fault("script=%s is none", variant("script"));
}
