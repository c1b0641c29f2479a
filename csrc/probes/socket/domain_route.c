/* SPDX-License-Identifier: Apache-2.0 */
/* A socket of the domain AF_ROUTE is asked which links there are, and how an address is reached. */
#include "kit.h"

#ifdef __linux__

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>

enum { ROOM = 32768, PATIENCE_MS = 2000, MESSAGES_MAX = 16 };

struct link_question {
	struct nlmsghdr header;
	struct ifinfomsg link;
};

struct route_question {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr attribute;
	unsigned char address[16];
};

static void note_link(struct nlmsghdr *message)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	struct rtattr *at = IFLA_RTA(link);
	int left = (int)IFLA_PAYLOAD(message);

	for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (at->rta_type == IFLA_IFNAME)
			note_text("link", RTA_DATA(at));
	}
}

static void note_route(struct nlmsghdr *message)
{
	struct rtattr *at = RTM_RTA(NLMSG_DATA(message));
	int left = (int)RTM_PAYLOAD(message);
	char name[IF_NAMESIZE] = "";
	unsigned index = 0;

	for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (at->rta_type == RTA_OIF)
			memcpy(&index, RTA_DATA(at), sizeof index);
	}
	note_text("route", if_indextoname(index, name) ? name : "none");
}

/* netlink(7): an error of 0 is an acknowledgement. */
static void note_error(struct nlmsghdr *message)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);

	note_text("answer", error->error ? errno_name(-error->error) : "0");
}

/* Whether more messages belong to the answer. */
static bool note_message(struct nlmsghdr *message)
{
	note_number("sequence", message->nlmsg_seq);
	if (message->nlmsg_type == RTM_NEWLINK)
		note_link(message);
	else if (message->nlmsg_type == RTM_NEWROUTE)
		note_route(message);
	else if (message->nlmsg_type == NLMSG_ERROR)
		note_error(message);
	return message->nlmsg_type != NLMSG_DONE && message->nlmsg_flags & NLM_F_MULTI;
}

static void take_answer(int s)
{
	_Alignas(struct nlmsghdr) unsigned char answer[ROOM];
	bool more = true;

	for (int i = 0; more && i < MESSAGES_MAX; i++) {
		struct nlmsghdr *at = (void *)answer;
		ssize_t got;
		int left;

		if (see_poll(s, POLLIN, PATIENCE_MS) != 1)
			return;
		/* Once to be read here, and once for the log. */
		got = must(recv(s, answer, sizeof answer, MSG_DONTWAIT | MSG_PEEK));
		see_receive(BY_RECV, s, sizeof answer, MSG_DONTWAIT);
		for (left = (int)got; NLMSG_OK(at, (unsigned)left); at = NLMSG_NEXT(at, left))
			more = note_message(at);
	}
}

static void ask(int s, const struct nlmsghdr *question)
{
	see_send(BY_SEND, s, question, question->nlmsg_len, 0, NULL);
	take_answer(s);
}

static void ask_for_links(int s)
{
	struct link_question question = {
		.header = {.nlmsg_len = sizeof question,
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			   .nlmsg_seq = 1},
		.link = {.ifi_family = AF_UNSPEC},
	};

	step("links");
	ask(s, &question.header);
}

static void ask_for_route(int s, const char *what, enum place place, uint32_t sequence)
{
	struct name name = name_of(place, 0);
	bool inet = family() == AF_INET;
	size_t size = inet ? sizeof name.in.sin_addr : sizeof name.in6.sin6_addr;
	struct route_question question = {
		.header = {.nlmsg_len = (uint32_t)(offsetof(struct route_question, address) + size),
			   .nlmsg_type = RTM_GETROUTE,
			   .nlmsg_flags = NLM_F_REQUEST,
			   .nlmsg_seq = sequence},
		.route = {.rtm_family = (unsigned char)family(),
			  .rtm_dst_len = (unsigned char)(8 * size)},
		.attribute = {.rta_type = RTA_DST, .rta_len = (unsigned short)RTA_LENGTH(size)},
	};

	memcpy(question.address, inet ? (void *)&name.in.sin_addr : (void *)&name.in6.sin6_addr,
	       size);
	step("%s", what);
	ask(s, &question.header);
}

static void ask_all(int s)
{
	ask_for_links(s);
	ask_for_route(s, "route to the other host", FAR, 2);
	if (strcmp(stage(), "host") != 0) /* whose routes are not ours */
		ask_for_route(s, "route to where none leads", UNREACHABLE, 3);
}

#else

static void ask_all(int s)
{
	(void)s;
	unavailable("a question in the language of this system's routing sockets", 0);
}

#endif

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	step("open");
#ifdef AF_ROUTE
	s = see_socket(AF_ROUTE, type(), 0);
	if (s < 0)
		unsupported("a socket of the domain AF_ROUTE", errno);
	ask_all(s);
	return probe_end();
#else
	(void)s;
	unsupported("AF_ROUTE, which <sys/socket.h> does not declare", 0);
#endif
}
