/* SPDX-License-Identifier: Apache-2.0 */
/* A route through a gateway, for what a sender is told to do with such routes. */
#include "internal.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>

/* In the documentation ranges, and in none that the stage has a route for. */
static const char beyond_inet[] = "203.0.113.9";
static const char beyond_inet6[] = "2001:db8:9::9";

static struct name beyond(uint16_t port)
{
	struct name name = name_of(FAR, port);

	if (family() == AF_INET)
		inet_pton(AF_INET, beyond_inet, &name.in.sin_addr);
	else
		inet_pton(AF_INET6, beyond_inet6, &name.in6.sin6_addr);
	return name;
}

static int add_inet_route(int fd, const struct name *to, const struct name *gateway)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY | RTF_HOST};

	memcpy(&route.rt_dst, &to->in, sizeof to->in);
	memcpy(&route.rt_gateway, &gateway->in, sizeof gateway->in);
	return ioctl(fd, SIOCADDRT, &route);
}

/* With the device, which IPv6 does not look up here. */
static int add_inet6_route(int fd, const struct name *to, const struct name *gateway)
{
	struct in6_rtmsg route = {
		.rtmsg_dst = to->in6.sin6_addr,
		.rtmsg_gateway = gateway->in6.sin6_addr,
		.rtmsg_dst_len = 128,
		.rtmsg_metric = 1,
		.rtmsg_ifindex = (int)if_nametoindex("near"),
		.rtmsg_flags = RTF_UP | RTF_GATEWAY | RTF_HOST,
	};

	return ioctl(fd, SIOCADDRT, &route);
}

struct name name_beyond_gateway(uint16_t port)
{
	struct name gateway = name_of(FAR, 0);
	struct name to = beyond(port);
	int fd = open_socket(NEAR, SOCK_DGRAM);
	int result;

	if (strcmp(stage(), "pair") != 0)
		unavailable("a gateway, which the stage pair gives", 0);
	capabilities_back();
	result = family() == AF_INET ? add_inet_route(fd, &to, &gateway)
				     : add_inet6_route(fd, &to, &gateway);
	if (result)
		unavailable("a route through a gateway", errno);
	capabilities_aside();
	close(fd);
	return to;
}
