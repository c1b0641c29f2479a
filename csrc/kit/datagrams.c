/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams whose headers matter: what the peer sends is made byte by byte, and what the near host is told of
 * their headers is in the log. */
#include "internal.h"
#include "peer.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, FRAGMENT_HEADER = 8 };

/* RFC 6676, 2 and 3: groups for documentation. */
static const char group_inet[] = "233.252.0.1";
static const char group_inet6[] = "ff0e::db8:0:1";

/* --- made byte by byte ------------------------------------------------------------------------------- */

static bool is_ipv4(const struct raw *raw)
{
	return raw->bytes[0] >> 4 == 4;
}

static void put16(unsigned char *at, size_t value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* The IPv4 header's own checksum (RFC 791, 3.1). */
static void seal(unsigned char *header)
{
	uint32_t total = 0;

	put16(header + 10, 0);
	for (size_t i = 0; i < IPV4_HEADER; i += 2)
		total += (uint32_t)header[i] << 8 | header[i + 1];
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	put16(header + 10, ~total & 0xffff);
}

void raw_packet(struct raw *raw, const struct packet *packet)
{
	raw->size = packet_compose(packet, raw->bytes, sizeof raw->bytes);
	if (!raw->size)
		fault("the peer's datagram is too long");
	raw->udp = packet->family == AF_INET ? IPV4_HEADER : IPV6_HEADER;
}

void raw_set_header(struct raw *raw, int ttl, int tos)
{
	if (is_ipv4(raw)) {
		raw->bytes[8] = (unsigned char)ttl;
		raw->bytes[1] = (unsigned char)tos;
		seal(raw->bytes);
		return;
	}
	raw->bytes[7] = (unsigned char)ttl;
	raw->bytes[0] = (unsigned char)(6 << 4 | tos >> 4);
	raw->bytes[1] = (unsigned char)(tos << 4);
}

void peer_sends_raw(const struct raw *raw)
{
	peer_sends_bytes(raw->bytes, raw->size);
}

void peer_sends_fragment(const struct raw *raw, uint16_t ident, size_t offset, size_t size)
{
	bool more = raw->udp + offset + size < raw->size;
	unsigned char *header;
	struct raw piece;
	size_t room = is_ipv4(raw) ? 0 : FRAGMENT_HEADER;

	if (offset % 8 || (more && size % 8) || raw->udp + offset + size > raw->size)
		fault("no fragment of a datagram: %zu bytes at %zu", size, offset);
	piece.size = raw->udp + room + size;
	memcpy(piece.bytes, raw->bytes, raw->udp);
	memcpy(piece.bytes + raw->udp + room, raw->bytes + raw->udp + offset, size);
	if (is_ipv4(raw)) {
		put16(piece.bytes + 2, piece.size);
		put16(piece.bytes + 4, ident);
		put16(piece.bytes + 6, offset / 8 | (more ? IP_MF : 0));
		seal(piece.bytes);
	} else {
		put16(piece.bytes + 4, piece.size - IPV6_HEADER);
		header = piece.bytes + IPV6_HEADER;
		memset(header, 0, FRAGMENT_HEADER);
		header[0] = piece.bytes[6];
		piece.bytes[6] = IPPROTO_FRAGMENT;
		put16(header + 2, offset | more);
		put16(header + 6, ident);
	}
	peer_sends_bytes(piece.bytes, piece.size);
}

/* --- groups -------------------------------------------------------------------------------------------- */

struct name group_name(uint16_t port)
{
	struct name name = name_of(FAR, port);

	if (family() == AF_INET)
		inet_pton(AF_INET, group_inet, &name.in.sin_addr);
	else
		inet_pton(AF_INET6, group_inet6, &name.in6.sin6_addr);
	return name;
}

static unsigned link_index(void)
{
	return if_nametoindex("near");
}

int see_join_group(int fd)
{
	struct name group = group_name(0);
	struct ip_mreqn inet = {.imr_multiaddr = group.in.sin_addr,
				.imr_ifindex = (int)link_index()};
	struct ipv6_mreq inet6 = {.ipv6mr_multiaddr = group.in6.sin6_addr,
				  .ipv6mr_interface = link_index()};
	bool old = family() == AF_INET;
	struct call call;
	int result;

	call_begin(&call, "setsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", old ? "IP_ADD_MEMBERSHIP" : "IPV6_JOIN_GROUP");
	call_enter(&call);
	result = old ? setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &inet, sizeof inet)
		     : setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &inet6, sizeof inet6);
	call_left(&call, result);
	call_end(&call);
	return result;
}

void send_to_groups_by_link(int fd)
{
	struct ip_mreqn inet = {.imr_ifindex = (int)link_index()};

	if (family() == AF_INET)
		must(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &inet, sizeof inet));
	else
		set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)link_index());
}

/* --- what the near host is told of headers --------------------------------------------------------------- */

void tell_of_headers(int fd)
{
	if (family() == AF_INET) {
		see_setsockopt(fd, IPPROTO_IP, "IP_RECVTTL", IP_RECVTTL, 1);
		see_setsockopt(fd, IPPROTO_IP, "IP_RECVTOS", IP_RECVTOS, 1);
		see_setsockopt(fd, IPPROTO_IP, "IP_PKTINFO", IP_PKTINFO, 1);
		return;
	}
	see_setsockopt(fd, IPPROTO_IPV6, "IPV6_RECVHOPLIMIT", IPV6_RECVHOPLIMIT, 1);
	see_setsockopt(fd, IPPROTO_IPV6, "IPV6_RECVTCLASS", IPV6_RECVTCLASS, 1);
	see_setsockopt(fd, IPPROTO_IPV6, "IPV6_RECVPKTINFO", IPV6_RECVPKTINFO, 1);
}

static void saw_destination(struct call *call, const struct cmsghdr *header)
{
	struct name name = name_of(NEAR, 0);
	struct in_pktinfo inet;
	struct in6_pktinfo inet6;
	char text[INET6_ADDRSTRLEN];

	if (family() == AF_INET) {
		memcpy(&inet, CMSG_DATA(header), sizeof inet);
		name.in.sin_addr = inet.ipi_addr;
		inet_ntop(AF_INET, &name.in.sin_addr, text, sizeof text);
	} else {
		memcpy(&inet6, CMSG_DATA(header), sizeof inet6);
		name.in6.sin6_addr = inet6.ipi6_addr;
		inet_ntop(AF_INET6, &name.in6.sin6_addr, text, sizeof text);
	}
	call_saw_text(call, "destination", text);
}

/* The TOS of IPv4 is one byte, all others are an int. */
static int number_told(const struct cmsghdr *header)
{
	int number = 0;

	if (header->cmsg_len < CMSG_LEN(sizeof number))
		return *CMSG_DATA(header);
	memcpy(&number, CMSG_DATA(header), sizeof number);
	return number;
}

static void saw_told(struct call *call, const struct cmsghdr *header)
{
	bool old = header->cmsg_level == IPPROTO_IP;
	int type = header->cmsg_type;

	if (!old && header->cmsg_level != IPPROTO_IPV6)
		return;
	if (type == (old ? IP_TTL : IPV6_HOPLIMIT))
		call_saw_number(call, "ttl", number_told(header));
	else if (type == (old ? IP_TOS : IPV6_TCLASS))
		call_saw_number(call, "tos", number_told(header));
	else if (type == (old ? IP_PKTINFO : IPV6_PKTINFO))
		saw_destination(call, header);
}

ssize_t see_receive_told(int fd, size_t size)
{
	_Alignas(struct cmsghdr) char control[256];
	unsigned char buffer[2048 + GUARD];
	struct iovec part = {.iov_base = buffer, .iov_len = size};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof control};
	struct call call;
	ssize_t result;

	if (size > sizeof buffer - GUARD)
		fault("a buffer of %zu bytes", size);
	memset(buffer, FILL, sizeof buffer);
	call_begin(&call, "recvmsg");
	call_arg_fd(&call, "fd", fd);
	call_arg_number(&call, "size", (int64_t)size);
	call_arg_text(&call, "flags", "MSG_DONTWAIT");
	call_enter(&call);
	result = recvmsg(fd, &message, MSG_DONTWAIT);
	call_left(&call, result);
	call_saw_buffer(&call, buffer, size, result);
	if (result >= 0) {
		for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
		     header = CMSG_NXTHDR(&message, header))
			saw_told(&call, header);
	}
	call_end(&call);
	return result;
}
