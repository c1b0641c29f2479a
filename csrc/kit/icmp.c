/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP errors that are not as they should be, and what a socket's error queue tells of those that are. */
#include "peer.h"

#include "internal.h"

#include <arpa/inet.h>

#ifdef __linux__
#include <linux/errqueue.h>
#endif

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, ERRORS_TEXT_MAX = 400, ERROR_FRAME_MAX = 2048 };

/* Where the transport header of what the flow heard begins: the near host sends no IP options. */
static size_t transport_at(const struct flow *flow)
{
	return flow->far.any.sa_family == AF_INET ? IPV4_HEADER : IPV6_HEADER;
}

void each_error(const char *name, void (*work)(int type, int code))
{
	char text[ERRORS_TEXT_MAX];
	char *rest = text;

	if (strlen(variant(name)) >= sizeof text)
		fault("%s has more errors than fit", name);
	snprintf(text, sizeof text, "%s", variant(name));
	while (*rest) {
		char *end;
		int type = (int)strtol(rest, &end, 10);
		int code = *end == '.' ? (int)strtol(end + 1, &end, 10) : -1;

		if (code < 0 || (*end && *end != ','))
			fault("%s is no list of TYPE.CODE: %s", name, variant(name));
		step("%d.%d", type, code);
		work(type, code);
		rest = *end ? end + 1 : end;
	}
}

enum sender_of_error sender_of_error(void)
{
	return variant_is("from", "router") ? FROM_ROUTER : FROM_PEER;
}

void misquote(struct flow *flow, size_t at, int by)
{
	unsigned char *bytes = flow->heard + transport_at(flow) + at;
	uint32_t number;

	memcpy(&number, bytes, sizeof number);
	number = htonl(ntohl(number) + (uint32_t)by);
	memcpy(bytes, &number, sizeof number);
}

void cut_quote(struct flow *flow, size_t kept)
{
	flow->heard_size = transport_at(flow) + kept;
}

void peer_sends_spoiled_error(const struct flow *flow, int type, int code)
{
	struct packet packet = peer_packet(flow);
	unsigned char bytes[ERROR_FRAME_MAX];
	size_t size;

	packet.protocol = packet.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	packet.type = (unsigned char)type;
	packet.code = (unsigned char)code;
	packet.data = flow->heard;
	packet.size = flow->heard_size;
	size = packet_compose(&packet, bytes, sizeof bytes);
	if (!size)
		fault("the peer's error is too long");
	bytes[transport_at(flow) + 2] ^= 0x55;
	peer_sends_bytes(bytes, size);
}

/* --- the error queue -------------------------------------------------------------------------------- */

int set_recverr(int fd)
{
#if defined IP_RECVERR && defined IPV6_RECVERR
	if (family() == AF_INET)
		return see_setsockopt(fd, IPPROTO_IP, "IP_RECVERR", IP_RECVERR, 1);
	return see_setsockopt(fd, IPPROTO_IPV6, "IPV6_RECVERR", IPV6_RECVERR, 1);
#else
	(void)fd;
	unsupported("IP_RECVERR", 0);
#endif
}

#if defined MSG_ERRQUEUE && defined SO_EE_OFFENDER

static bool is_error(const struct cmsghdr *header)
{
	return (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) ||
	       (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR);
}

static void saw_extended(struct call *call, struct cmsghdr *header)
{
	static const struct symbol origins[] = {
		{0, "NONE"},
		{1, "LOCAL"},
		{2, "ICMP"},
		{3, "ICMP6"},
	};
	struct sock_extended_err error;
	struct name offender = {.length = 0};
	const char *origin;

	memcpy(&error, CMSG_DATA(header), sizeof error);
	origin = symbol_of(origins, COUNT(origins), error.ee_origin);
	call_saw_text(call, "error", errno_name((int)error.ee_errno));
	call_saw_text(call, "origin", origin ? origin : "other");
	call_saw_number(call, "type", error.ee_type);
	call_saw_number(call, "code", error.ee_code);
	call_saw_number(call, "info", error.ee_info);
	offender.length = (socklen_t)(header->cmsg_len - CMSG_LEN(sizeof error));
	if (offender.length > sizeof offender.storage)
		offender.length = sizeof offender.storage;
	memcpy(offender.bytes, CMSG_DATA(header) + sizeof error, offender.length);
	if (offender.length >= sizeof offender.any.sa_family && offender.any.sa_family != AF_UNSPEC)
		event_name(&call->event, "offender", &offender);
}

ssize_t see_error_queue(int fd)
{
	enum { ROOM = 2048 };
	unsigned char data[ROOM];
	_Alignas(struct cmsghdr) char control[512];
	struct name name = {.length = 0};
	struct iovec part = {.iov_base = data, .iov_len = sizeof data};
	struct msghdr message = {
		.msg_name = &name.any,
		.msg_namelen = sizeof name.storage,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	struct call call;
	char text[160];
	ssize_t result;

	call_begin(&call, "recvmsg");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "flags", "MSG_ERRQUEUE|MSG_DONTWAIT");
	call_enter(&call);
	result = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
	call_left(&call, result);
	if (result >= 0) {
		call_saw_data(&call, data, (size_t)result);
		message_flags_text(text, sizeof text, message.msg_flags);
		call_saw_text(&call, "msg_flags", text);
		name.length = message.msg_namelen;
		call_saw_number(&call, "length", name.length);
		call_saw_name(&call, &name);
		for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
		     header = CMSG_NXTHDR(&message, header)) {
			if (is_error(header))
				saw_extended(&call, header);
		}
	}
	call_end(&call);
	return result;
}

#else

ssize_t see_error_queue(int fd)
{
	(void)fd;
	unsupported("MSG_ERRQUEUE", 0);
}

#endif

/* --- path MTU ---------------------------------------------------------------------------------------- */

int see_path_mtu(int fd)
{
#if defined IP_MTU && defined IPV6_MTU
	if (family() == AF_INET)
		return see_getsockopt(fd, IPPROTO_IP, "IP_MTU", IP_MTU);
	return see_getsockopt(fd, IPPROTO_IPV6, "IPV6_MTU", IPV6_MTU);
#else
	(void)fd;
	unsupported("IP_MTU", 0);
#endif
}

void discover_mtu(int fd, const char *how)
{
#if defined IP_MTU_DISCOVER && defined IPV6_MTU_DISCOVER
	/* the same numbers for IPv6 */
	static const struct symbol ways[] = {
		{IP_PMTUDISC_DONT, "dont"},
		{IP_PMTUDISC_WANT, "want"},
		{IP_PMTUDISC_DO, "do"},
		{IP_PMTUDISC_PROBE, "probe"},
	};

	for (size_t i = 0; i < COUNT(ways); i++) {
		int way = (int)ways[i].value;

		if (strcmp(ways[i].name, how) != 0)
			continue;
		if (family() == AF_INET)
			see_setsockopt(fd, IPPROTO_IP, "IP_MTU_DISCOVER", IP_MTU_DISCOVER, way);
		else
			see_setsockopt(fd, IPPROTO_IPV6, "IPV6_MTU_DISCOVER", IPV6_MTU_DISCOVER,
				       way);
		return;
	}
	fault("there is no discovery of the path MTU called %s", how);
#else
	(void)fd;
	(void)how;
	unsupported("IP_MTU_DISCOVER", 0);
#endif
}

void peer_tells_mtu(const struct flow *flow, enum sender_of_error from, int mtu)
{
	if (flow->far.any.sa_family == AF_INET)
		peer_sends_error(flow, from, 3, 4, (uint32_t)mtu);
	else
		peer_sends_error(flow, from, 2, 0, (uint32_t)mtu);
}
