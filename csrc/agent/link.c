/* SPDX-License-Identifier: Apache-2.0 */
/* Loopback, veth, addresses, neighbours and routes by rtnetlink(7): no program is started for it.
 *
 * The addresses are those of kit/name.c.  Neighbours are entered by hand and IPv6 makes no addresses
 * of its own, so that no ARP, neighbour discovery or duplicate address detection disturbs the wire. */
#include "agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUESTS_MAX = 16, PEER_BUFFER_BYTES = 4 << 20, OUTER_MTU = 65535 };

/* How long the kernel may take to bring a link into use; far beyond what a busy machine needs. */
static const int64_t patience_ns = 5 * INT64_C(1000000000);

/* Requests that go to the kernel in one message, each acknowledged. */
struct netlink {
	int fd;
	_Alignas(struct nlmsghdr) unsigned char bytes[4096];
	size_t used;
	struct nlmsghdr *open;
	const char *what[REQUESTS_MAX];
	bool may_fail[REQUESTS_MAX]; /* IPv6 on a kernel without it */
	unsigned count;
};

static bool netlink_open(struct netlink *nl)
{
	*nl = (struct netlink){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
	return nl->fd >= 0;
}

static void *append(struct netlink *nl, const void *data, size_t size)
{
	void *at = nl->bytes + nl->used;

	memset(at, 0, NLMSG_ALIGN(size));
	if (data)
		memcpy(at, data, size);
	nl->used += NLMSG_ALIGN(size);
	if (nl->open)
		nl->open->nlmsg_len = (unsigned)(nl->bytes + nl->used - (unsigned char *)nl->open);
	return at;
}

static void request(struct netlink *nl, const char *what, unsigned short type, unsigned short flags,
		    const void *body, size_t size)
{
	struct nlmsghdr header = {
		.nlmsg_len = sizeof header,
		.nlmsg_type = type,
		.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags),
		.nlmsg_seq = nl->count,
	};

	nl->what[nl->count] = what;
	nl->may_fail[nl->count] = false;
	nl->count++;
	nl->open = NULL;
	nl->open = append(nl, &header, sizeof header);
	append(nl, body, size);
}

static struct rtattr *attribute(struct netlink *nl, unsigned short type, const void *data,
				size_t size)
{
	struct rtattr header = {
		.rta_len = (unsigned short)RTA_LENGTH(size),
		.rta_type = type,
	};
	struct rtattr *at = append(nl, &header, sizeof header);

	append(nl, data, size);
	return at;
}

static struct rtattr *nest(struct netlink *nl, unsigned short type)
{
	return attribute(nl, type, NULL, 0);
}

static void unnest(struct netlink *nl, struct rtattr *at)
{
	at->rta_len = (unsigned short)(nl->bytes + nl->used - (unsigned char *)at);
}

static bool say(char *why, size_t size, const char *what, int error)
{
	snprintf(why, size, "%s: %s", what, strerror(error));
	return false;
}

/* Takes the acknowledgements that have come in `bytes`; false at the first refusal. */
static bool acknowledged(struct netlink *nl, const void *bytes, ssize_t got, unsigned *done,
			 char *why, size_t size)
{
	unsigned length = (unsigned)got;

	for (const struct nlmsghdr *h = bytes; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
		const struct nlmsgerr *answer = NLMSG_DATA(h);

		if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq >= nl->count)
			continue;
		++*done;
		if (answer->error && !nl->may_fail[h->nlmsg_seq])
			return say(why, size, nl->what[h->nlmsg_seq], -answer->error);
	}
	return true;
}

/* Makes room for the next requests. */
static void forget(struct netlink *nl)
{
	nl->used = 0;
	nl->count = 0;
	nl->open = NULL;
}

static bool run(struct netlink *nl, char *why, size_t size)
{
	_Alignas(struct nlmsghdr) char answer[8192];
	unsigned done = 0;

	if (send(nl->fd, nl->bytes, nl->used, 0) < 0)
		return say(why, size, "rtnetlink", errno);
	while (done < nl->count) {
		ssize_t got = recv(nl->fd, answer, sizeof answer, 0);

		if (got < 0)
			return say(why, size, "rtnetlink", errno);
		if (!acknowledged(nl, answer, got, &done, why, size))
			return false;
	}
	forget(nl);
	return true;
}

/* --- requests ------------------------------------------------------------------------------------ */

static void set_up(struct netlink *nl, int index)
{
	struct ifinfomsg body = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};

	request(nl, "set link up", RTM_SETLINK, 0, &body, sizeof body);
}

/* No link-local address, hence no router solicitation. */
static void no_own_addresses(struct netlink *nl, int index)
{
	struct ifinfomsg body = {.ifi_index = index};
	unsigned char mode = IN6_ADDR_GEN_MODE_NONE;
	struct rtattr *spec;
	struct rtattr *inet6;

	request(nl, "set addr_gen_mode", RTM_SETLINK, 0, &body, sizeof body);
	nl->may_fail[nl->count - 1] = true;
	spec = nest(nl, IFLA_AF_SPEC);
	inet6 = nest(nl, AF_INET6);
	attribute(nl, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof mode);
	unnest(nl, inet6);
	unnest(nl, spec);
}

/* No neighbours are looked for: the host joins no solicited-node group (RFC 4291, 2.7.1) either, and need
 * not report it (RFC 3810, 6.1).  Those that are entered by hand serve all the same. */
static void no_discovery(struct netlink *nl, int index)
{
	struct ifinfomsg body = {
		.ifi_index = index, .ifi_flags = IFF_NOARP, .ifi_change = IFF_NOARP};

	request(nl, "set link noarp", RTM_SETLINK, 0, &body, sizeof body);
}

struct address {
	int family;
	unsigned char prefix;
	const char *text;
};

static size_t address_bytes(const struct address *address, unsigned char *bytes)
{
	inet_pton(address->family, address->text, bytes);
	return address->family == AF_INET ? 4 : 16;
}

static void add_address(struct netlink *nl, int index, const struct address *address)
{
	struct ifaddrmsg body = {
		.ifa_family = (unsigned char)address->family,
		.ifa_prefixlen = address->prefix,
		.ifa_index = (unsigned)index,
	};
	unsigned flags = IFA_F_NODAD;
	unsigned char bytes[16];
	size_t size = address_bytes(address, bytes);

	request(nl, "add address", RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	nl->may_fail[nl->count - 1] = address->family == AF_INET6;
	attribute(nl, IFA_LOCAL, bytes, size);
	attribute(nl, IFA_ADDRESS, bytes, size);
	if (address->family == AF_INET6)
		attribute(nl, IFA_FLAGS, &flags, sizeof flags);
}

static void add_neighbour(struct netlink *nl, int index, const struct address *address,
			  const unsigned char *mac)
{
	struct ndmsg body = {
		.ndm_family = (unsigned char)address->family,
		.ndm_ifindex = index,
		.ndm_state = NUD_PERMANENT,
	};
	unsigned char bytes[16];
	size_t size = address_bytes(address, bytes);

	request(nl, "add neighbour", RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body,
		sizeof body);
	nl->may_fail[nl->count - 1] = address->family == AF_INET6;
	attribute(nl, NDA_DST, bytes, size);
	attribute(nl, NDA_LLADDR, mac, 6);
}

/* Whoever goes there learns at once that the host cannot be reached. */
static void add_rejecting_route(struct netlink *nl, const struct address *address)
{
	struct rtmsg body = {
		.rtm_family = (unsigned char)address->family,
		.rtm_dst_len = address->prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNREACHABLE,
	};
	unsigned char bytes[16];
	size_t size = address_bytes(address, bytes);

	request(nl, "add unreachable route", RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &body,
		sizeof body);
	nl->may_fail[nl->count - 1] = address->family == AF_INET6;
	attribute(nl, RTA_DST, bytes, size);
}

/* The two ends differ in their index: the link watch takes a link whose peer has the same index for
 * one without a peer, and may let it wait for a second. */
enum { LOOPBACK = 1, NEAR_LINK = 2, FAR_LINK = 3 };

static void loopback_requests(struct netlink *nl)
{
	static const struct address rejected[] = {
		{AF_INET, 24, "198.51.100.0"},
		{AF_INET6, 48, "2001:db8:2::"},
	};

	set_up(nl, LOOPBACK);
	add_rejecting_route(nl, &rejected[0]);
	add_rejecting_route(nl, &rejected[1]);
}

bool link_make_lo(char *why, size_t size)
{
	struct netlink nl;
	bool made;

	if (!netlink_open(&nl))
		return say(why, size, "socket(AF_NETLINK)", errno);
	loopback_requests(&nl);
	made = run(&nl, why, size);
	close(nl.fd);
	return made;
}

/* --- two hosts --------------------------------------------------------------------------------- */

/* Locally administered; the last byte tells the host. */
static const unsigned char near_mac[6] = {0x02, 0, 0, 0, 0, 0x01};
static const unsigned char far_mac[6] = {0x02, 0, 0, 0, 0, 0x02};
static const unsigned char nobodys_mac[6] = {0x02, 0, 0, 0, 0, 0x03};
static const unsigned char peer_mac[6] = {0x02, 0, 0, 0, 0, 0x04};

static const struct address near_addresses[] = {{AF_INET, 24, "192.0.2.1"},
						{AF_INET6, 64, "2001:db8::1"}};
static const struct address far_addresses[] = {{AF_INET, 24, "192.0.2.2"},
					       {AF_INET6, 64, "2001:db8::2"}};
static const struct address silent_addresses[] = {{AF_INET, 24, "192.0.2.3"},
						  {AF_INET6, 64, "2001:db8::3"}};

static void veth_request(struct netlink *nl, int far_fd)
{
	struct ifinfomsg body = {.ifi_index = NEAR_LINK};
	struct ifinfomsg peer_body = {.ifi_index = FAR_LINK};
	struct rtattr *info;
	struct rtattr *data;
	struct rtattr *peer;

	request(nl, "make a veth pair", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attribute(nl, IFLA_IFNAME, "near", 5);
	attribute(nl, IFLA_ADDRESS, near_mac, 6);
	info = nest(nl, IFLA_LINKINFO);
	attribute(nl, IFLA_INFO_KIND, "veth", 4);
	data = nest(nl, IFLA_INFO_DATA);
	peer = nest(nl, VETH_INFO_PEER);
	append(nl, &peer_body, sizeof peer_body);
	attribute(nl, IFLA_IFNAME, "far", 4);
	attribute(nl, IFLA_ADDRESS, far_mac, 6);
	attribute(nl, IFLA_NET_NS_FD, &far_fd, sizeof far_fd);
	unnest(nl, peer);
	unnest(nl, data);
	unnest(nl, info);
}

static void host_requests(struct netlink *nl, int index, const struct address *own,
			  const struct address *other, const unsigned char *other_mac)
{
	for (int i = 0; i < 2; i++) {
		add_address(nl, index, &own[i]);
		add_neighbour(nl, index, &other[i], other_mac);
		add_neighbour(nl, index, &silent_addresses[i], nobodys_mac);
	}
}

/* The attribute of that type in a link's answer, or NULL. */
static const struct rtattr *link_attribute(const struct nlmsghdr *header, unsigned short type)
{
	const struct rtattr *at = IFLA_RTA((char *)NLMSG_DATA(header));
	unsigned length = (unsigned)IFLA_PAYLOAD(header);

	for (; RTA_OK(at, length); at = RTA_NEXT(at, length)) {
		if (at->rta_type == type)
			return at;
	}
	return NULL;
}

/* The link's operational state (RFC 2863); -1: it could not be asked. */
static int operational_state(struct netlink *nl, int index)
{
	_Alignas(struct nlmsghdr) char answer[8192];
	struct ifinfomsg body = {.ifi_index = index};
	const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
	const struct rtattr *state;
	ssize_t got;

	request(nl, "get link", RTM_GETLINK, 0, &body, sizeof body);
	nl->open->nlmsg_flags = NLM_F_REQUEST; /* the link itself is the answer */
	got = send(nl->fd, nl->bytes, nl->used, 0) < 0 ? -1
						       : recv(nl->fd, answer, sizeof answer, 0);
	forget(nl);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof body) || header->nlmsg_type != RTM_NEWLINK)
		return -1;
	state = link_attribute(header, IFLA_OPERSTATE);
	return state ? *(const unsigned char *)RTA_DATA(state) : -1;
}

/* A veth end that came up before its peer drops what it sends until the kernel's link watch has
 * seen the carrier and given it a queue.  Its state is UNKNOWN before the watch has come for the
 * first time, and IFF_RUNNING is set then too: only UP tells that the watch has been there. */
static bool await_up(struct netlink *nl, int index, char *why, size_t size)
{
	int64_t end = steady_ns() + patience_ns;

	while (steady_ns() < end) {
		int state = operational_state(nl, index);

		if (state == IF_OPER_UP)
			return true;
		if (state < 0)
			return say(why, size, "the link's state cannot be asked", ENOTSUP);
		sched_yield();
	}
	return say(why, size, "the link did not come up", ETIMEDOUT);
}

/* The type of the route that a packet to `address` takes; -1: it could not be asked. */
static int route_type(struct netlink *nl, const struct address *address)
{
	_Alignas(struct nlmsghdr) char answer[4096];
	struct rtmsg body = {
		.rtm_family = (unsigned char)address->family,
		.rtm_dst_len = address->family == AF_INET ? 32 : 128,
	};
	const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
	unsigned char bytes[16];
	size_t length = address_bytes(address, bytes);
	ssize_t got;

	request(nl, "get route", RTM_GETROUTE, 0, &body, sizeof body);
	nl->open->nlmsg_flags = NLM_F_REQUEST; /* the route itself is the answer */
	attribute(nl, RTA_DST, bytes, length);
	got = send(nl->fd, nl->bytes, nl->used, 0) < 0 ? -1
						       : recv(nl->fd, answer, sizeof answer, 0);
	forget(nl);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof body) || header->nlmsg_type != RTM_NEWROUTE)
		return -1;
	return ((const struct rtmsg *)NLMSG_DATA(header))->rtm_type;
}

/* The kernel enters an IPv6 address's local route later, from a work queue; packets that come before
 * are dropped. */
static bool await_local(struct netlink *nl, const struct address *own, char *why, size_t size)
{
	int64_t end = steady_ns() + patience_ns;

	while (steady_ns() < end) {
		int type = route_type(nl, own);

		if (type < 0 || type == RTN_LOCAL)
			return true; /* no route can be had: a kernel without IPv6 */
		sched_yield();
	}
	return say(why, size, "the address did not become local", ETIMEDOUT);
}

static bool configure(struct netlink *nl, int index, const struct address *own,
		      const struct address *other, const unsigned char *other_mac, char *why,
		      size_t size)
{
	if (!await_up(nl, index, why, size))
		return false;
	host_requests(nl, index, own, other, other_mac);
	return run(nl, why, size) && await_local(nl, &own[1], why, size);
}

static bool configure_near(struct netlink *nl, char *why, size_t size)
{
	return configure(nl, NEAR_LINK, near_addresses, far_addresses, far_mac, why, size);
}

static bool configure_far(struct netlink *nl, char *why, size_t size)
{
	return configure(nl, FAR_LINK, far_addresses, near_addresses, near_mac, why, size);
}

static bool links_up(struct netlink *nl, int index, char *why, size_t size)
{
	loopback_requests(nl);
	no_own_addresses(nl, index);
	set_up(nl, index);
	return run(nl, why, size);
}

static bool visit(int fd, char *why, size_t size)
{
	return !setns(fd, CLONE_NEWNET) || say(why, size, "setns()", errno);
}

static bool make_pair(struct netlink *near, struct netlink *far, int near_fd, int far_fd, char *why,
		      size_t size)
{
	veth_request(near, far_fd);
	return run(near, why, size) && links_up(near, NEAR_LINK, why, size) &&
	       links_up(far, FAR_LINK, why, size) && configure_near(near, why, size) &&
	       visit(far_fd, why, size) && configure_far(far, why, size) &&
	       visit(near_fd, why, size);
}

/* One rtnetlink socket for each host. */
static bool open_both(struct netlink *near, struct netlink *far, int near_fd, int far_fd, char *why,
		      size_t size)
{
	bool opened;

	near->fd = far->fd = -1;
	if (!netlink_open(near))
		return say(why, size, "socket(AF_NETLINK)", errno);
	if (!visit(far_fd, why, size))
		return false;
	opened = netlink_open(far) || say(why, size, "socket(AF_NETLINK)", errno);
	return visit(near_fd, why, size) && opened;
}

static void close_both(const struct netlink *near, const struct netlink *far)
{
	if (near->fd >= 0)
		close(near->fd);
	if (far->fd >= 0)
		close(far->fd);
}

bool link_make_pair(int near_fd, int far_fd, char *why, size_t size)
{
	struct netlink near;
	struct netlink far;
	bool made = open_both(&near, &far, near_fd, far_fd, why, size) &&
		    make_pair(&near, &far, near_fd, far_fd, why, size);

	close_both(&near, &far);
	return made;
}

/* --- one host and a scripted peer -------------------------------------------------------------------- */

/* What a device would do later is done before the packet is seen: the wire has whole checksums, and
 * segments as long as they may be and no longer.  A kernel that cannot be asked has none of it. */
static void no_offloads(const char *device)
{
	static const unsigned commands[] = {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		struct ethtool_value value = {.cmd = commands[i]};
		struct ifreq request = {.ifr_data = (void *)&value};

		snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
		ioctl(fd, SIOCETHTOOL, &request);
	}
	close(fd);
}

/* What comes before the script asks for it is kept. */
static void keep_many(int fd)
{
	int size = PEER_BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* A socket at a device of this namespace; one of protocol 0 only sends. */
static int open_packets(int type, int protocol, int index, char *why, size_t size)
{
	struct sockaddr_ll link = {.sll_family = AF_PACKET,
				   .sll_protocol = htons((uint16_t)protocol),
				   .sll_ifindex = index};
	int fd = socket(AF_PACKET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		say(why, size, "socket(AF_PACKET)", errno);
		return -1;
	}
	keep_many(fd);
	if (!bind(fd, (struct sockaddr *)&link, sizeof link))
		return fd;
	say(why, size, "bind(AF_PACKET)", errno);
	close(fd);
	return -1;
}

/* Frames to the peer's address are not for the far namespace's kernel, which has no address either:
 * only this socket sees them. */
static int open_peer(char *why, size_t size)
{
	return open_packets(SOCK_RAW, ETH_P_ALL, FAR_LINK, why, size);
}

static int make_wire(struct netlink *near, struct netlink *far, int near_fd, int far_fd, char *why,
		     size_t size)
{
	int peer = -1;

	veth_request(near, far_fd);
	no_discovery(near, NEAR_LINK);
	if (!run(near, why, size))
		return -1;
	no_offloads("near");
	if (!links_up(near, NEAR_LINK, why, size) || !links_up(far, FAR_LINK, why, size) ||
	    !configure(near, NEAR_LINK, near_addresses, far_addresses, peer_mac, why, size) ||
	    !await_up(far, FAR_LINK, why, size) || !visit(far_fd, why, size))
		return -1;
	peer = open_peer(why, size);
	if (visit(near_fd, why, size))
		return peer;
	close(peer);
	return -1;
}

int link_make_wire(int near_fd, int far_fd, char *why, size_t size)
{
	struct netlink near;
	struct netlink far;
	int peer = -1;

	if (open_both(&near, &far, near_fd, far_fd, why, size))
		peer = make_wire(&near, &far, near_fd, far_fd, why, size);
	close_both(&near, &far);
	return peer;
}

/* --- the same with TUN -------------------------------------------------------------------------------- */

static int say_no(char *why, size_t size, const char *what)
{
	say(why, size, what, errno);
	return -1;
}

/* Its descriptor; *index is its device's. */
static int open_tun(int *index, char *why, size_t size)
{
	struct ifreq request = {.ifr_name = "near", .ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool made;

	if (fd < 0)
		say_no(why, size, "/dev/net/tun");
	made = fd >= 0 && !ioctl(fd, TUNSETIFF, &request) && !ioctl(any, SIOCGIFINDEX, &request);
	*index = request.ifr_ifindex;
	close(any);
	if (made || fd < 0)
		return fd;
	close(fd);
	return say_no(why, size, "ioctl(TUNSETIFF)");
}

/* Its link has no neighbours, and is in use once it is up. */
static bool configure_tun(struct netlink *nl, int index, char *why, size_t size)
{
	if (!links_up(nl, index, why, size))
		return false;
	add_address(nl, index, &near_addresses[0]);
	add_address(nl, index, &near_addresses[1]);
	return run(nl, why, size) && await_local(nl, &near_addresses[1], why, size);
}

/* From now on the device stays when its descriptor is closed, and goes with its namespace: the kernel takes
 * down many of these at once, while the end of a single device keeps all others waiting. */
static void leave_to_namespace(int fd)
{
	ioctl(fd, TUNSETPERSIST, 1UL); /* where it cannot be, the end is slower */
}

/* Where it fails its device goes with its descriptor, and makes room for another of its name. */
int link_make_tun(char *why, size_t size)
{
	struct netlink nl;
	int index;
	int fd = open_tun(&index, why, size);
	bool made;

	if (fd < 0)
		return -1;
	if (!netlink_open(&nl)) {
		close(fd);
		return say_no(why, size, "socket(AF_NETLINK)");
	}
	made = configure_tun(&nl, index, why, size);
	close(nl.fd);
	if (made) {
		leave_to_namespace(fd);
		return fd;
	}
	close(fd);
	return -1;
}

/* --- what a relay shows of its host ----------------------------------------------------------------------- */

/* A relay may make packets longer than those that it gets. */
static void set_longest(struct netlink *nl, int index)
{
	struct ifinfomsg body = {.ifi_index = index};
	unsigned mtu = OUTER_MTU;

	request(nl, "set link mtu", RTM_SETLINK, 0, &body, sizeof body);
	attribute(nl, IFLA_MTU, &mtu, sizeof mtu);
}

/* A device that carries what others send, and has nothing to say. */
static void set_up_silent(struct netlink *nl, int index)
{
	no_own_addresses(nl, index);
	no_discovery(nl, index);
	set_longest(nl, index);
	set_up(nl, index);
}

/* Both ends are the relay's, which only sends. */
static int make_outer_veth(struct netlink *nl, int net_fd, struct outer *outer, char *why,
			   size_t size)
{
	outer->index = NEAR_LINK;
	veth_request(nl, net_fd);
	set_up_silent(nl, NEAR_LINK);
	set_up_silent(nl, FAR_LINK);
	if (!run(nl, why, size) || !await_up(nl, NEAR_LINK, why, size) ||
	    !await_up(nl, FAR_LINK, why, size))
		return -1;
	return open_packets(SOCK_DGRAM, 0, FAR_LINK, why, size);
}

static int make_outer_tun(struct netlink *nl, struct outer *outer, char *why, size_t size)
{
	int fd = open_tun(&outer->index, why, size);

	if (fd < 0)
		return -1;
	set_up_silent(nl, outer->index);
	if (run(nl, why, size)) {
		leave_to_namespace(fd);
		return fd;
	}
	close(fd);
	return -1;
}

bool link_make_outer(bool ether, int net_fd, struct outer *outer, char *why, size_t size)
{
	struct netlink nl;

	*outer = (struct outer){.in_fd = -1, .out_fd = -1};
	if (!netlink_open(&nl))
		return say(why, size, "socket(AF_NETLINK)", errno);
	outer->in_fd = ether ? make_outer_veth(&nl, net_fd, outer, why, size)
			     : make_outer_tun(&nl, outer, why, size);
	close(nl.fd);
	if (outer->in_fd >= 0)
		outer->out_fd = open_packets(SOCK_DGRAM, 0, outer->index, why, size);
	return outer->out_fd >= 0;
}
