/* SPDX-License-Identifier: Apache-2.0 */
/* When a lie is told. */
#include "lie.h"

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

/* A program that is no probe has it not, and is near. */
#pragma weak sockspec_call_is_far

static int option_of(int fd, int option)
{
	int value = -1;
	socklen_t length = sizeof value;

	return sincere.getsockopt(fd, SOL_SOCKET, option, &value, &length) ? -1 : value;
}

static bool has_peer(int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof peer;

	return !sincere.getpeername(fd, (struct sockaddr *)&peer, &length);
}

static bool has_port(int fd)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof own;

	if (sincere.getsockname(fd, (struct sockaddr *)&own, &length))
		return false;
	if (own.ss_family == AF_INET)
		return ((struct sockaddr_in *)&own)->sin_port != 0;
	if (own.ss_family == AF_INET6)
		return ((struct sockaddr_in6 *)&own)->sin6_port != 0;
	return length > sizeof own.ss_family;
}

static bool has_hung_up(int fd)
{
	struct pollfd poller = {.fd = fd};

	return sincere.poll(&poller, 1, 0) == 1 && (poller.revents & POLLHUP);
}

/* In the liar's copy: so much of the address as there was, the rest zeros. */
static bool is_wildcard(const struct telling *telling)
{
	const struct sockaddr *address =
		telling->to ? (const struct sockaddr *)&telling->to_changed : NULL;
	static const struct in6_addr any;

	if (address && address->sa_family == AF_INET)
		return !((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
	if (address && address->sa_family == AF_INET6)
		return !memcmp(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
			       &any, sizeof any);
	return false;
}

static bool would_not_wait(const struct telling *telling)
{
	int flags = sincere.fcntl(telling->fd, F_GETFL);

	return (telling->flags & MSG_DONTWAIT) || (flags >= 0 && (flags & O_NONBLOCK));
}

static size_t size_of(const struct telling *telling)
{
	size_t size = 0;

	for (size_t i = 0; i < telling->count; i++)
		size += telling->parts[i].iov_len;
	return size;
}

static bool has_unread(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};

	return sincere.poll(&poller, 1, 0) == 1 && (poller.revents & POLLIN);
}

static bool goes_to(const struct telling *telling, long family)
{
	return telling->to && telling->to_changed.ss_family == family;
}

static bool was_cut(const struct telling *telling)
{
	return telling->from_length && !telling->unwritable &&
	       *telling->from_length > telling->length_before;
}

static bool always(const struct telling *telling, long value, const char *text)
{
	return true; /* the rule has noted it when it was read */
}

static bool is_far(const struct telling *telling, long value, const char *text)
{
	return sockspec_call_is_far && sockspec_call_is_far();
}

static bool is_near(const struct telling *telling, long value, const char *text)
{
	return !is_far(telling, value, text);
}

#define CONDITION(name, expression)                                                                \
	static bool name(const struct telling *telling, long value, const char *text)              \
	{                                                                                          \
		return expression;                                                                 \
	}

CONDITION(of_fd, telling->fd == value)
CONDITION(of_domain, option_of(telling->fd, SO_DOMAIN) == value)
CONDITION(of_type, option_of(telling->fd, SO_TYPE) == value)
CONDITION(listening, option_of(telling->fd, SO_ACCEPTCONN) == 1)
CONDITION(connected, has_peer(telling->fd))
CONDITION(unconnected, !has_peer(telling->fd))
CONDITION(hung_up, has_hung_up(telling->fd))
CONDITION(bound, has_port(telling->fd))
CONDITION(unbound, !has_port(telling->fd))
CONDITION(waiting, !would_not_wait(telling))
CONDITION(nonblocking, would_not_wait(telling))
CONDITION(with_flag, (telling->flags & value) == value)
CONDITION(without_flag, !(telling->flags & value))
CONDITION(of_level, telling->level == value)
CONDITION(of_option, telling->option == value)
CONDITION(of_size, (long)size_of(telling) == value)
CONDITION(larger, (long)size_of(telling) > value)
CONDITION(of_value, telling->number[0] == value)
CONDITION(of_second, telling->number[1] == value)
CONDITION(of_third, telling->number[2] == value)
CONDITION(above, telling->number[0] > value)
CONDITION(below, telling->number[0] < value)
CONDITION(readable, has_unread(telling->fd))
CONDITION(of_room, telling->from_length && telling->length_before == (socklen_t)value)
CONDITION(to_family, goes_to(telling, value))
CONDITION(to_nobody, !telling->to)
CONDITION(to_wildcard, is_wildcard(telling))
CONDITION(misaligned, value > 0 && telling->count &&
			      (uintptr_t)telling->parts[0].iov_base % (uintptr_t)value != 0)
CONDITION(of_text, telling->text && !strcmp(telling->text, text))
CONDITION(failed_so, telling->error == value)
CONDITION(failed, telling->error != 0)
CONDITION(succeeded, telling->error == 0)
CONDITION(returned, telling->result == value)
CONDITION(returned_some, telling->result > 0)
CONDITION(cut, was_cut(telling))

/* By name; the rule looks up each word once. */
static const struct condition conditions[] = {
	{"anywhere", false, false, always}, /* in set-up calls too */
	{"nth", true, false, always},	    /* only the n-th call that fits */
	{"after", true, false, always},	    /* only those after the first n that fit */
	{"near", false, false, is_near},    /* on the stage's near host, on its far host */
	{"far", false, false, is_far},
	{"fd", true, false, of_fd},	    /* the descriptor */
	{"domain", true, false, of_domain}, /* of the socket */
	{"type", true, false, of_type},
	{"listening", false, false, listening},
	{"connected", false, false, connected},
	{"unconnected", false, false, unconnected},
	{"hungup", false, false, hung_up}, /* the connection has ended, or both its ways are shut */
	{"bound", false, false, bound},	   /* the socket has a port, or a name */
	{"unbound", false, false, unbound},
	{"blocking", false, false, waiting}, /* neither O_NONBLOCK nor MSG_DONTWAIT */
	{"nonblocking", false, false, nonblocking},
	{"flag", true, false, with_flag}, /* the call's flags */
	{"noflag", true, false, without_flag},
	{"level", true, false, of_level},
	{"option", true, false, of_option},
	{"size", true, false, of_size}, /* bytes of data, or of room for it */
	{"larger", true, false, larger},
	{"value", true, false,
	 of_value}, /* the first of its numbers: backlog, how, command, domain */
	{"second", true, false, of_second}, /* of socket() the type, of fcntl() the argument */
	{"third", true, false, of_third},
	{"above", true, false, above}, /* the first of its numbers is larger, smaller */
	{"below", true, false, below},
	{"readable", false, false, readable}, /* something to read, or to accept, lies there */
	{"room", true, false, of_room},	      /* bytes that the caller has for an address */
	{"to", true, false, to_family},	      /* the family of the address that is given */
	{"tonobody", false, false, to_nobody},
	{"wildcard", false, false,
	 to_wildcard},			/* the address that is given is any of the host's */
	{"text", true, false, of_text}, /* of an address, with %20 for a blank */
	{"misaligned", true, false, misaligned}, /* data at no multiple of this */
	{"error", true, true, failed_so},
	{"fails", false, true, failed},
	{"ok", false, true, succeeded},
	{"result", true, true, returned},
	{"some", false, true, returned_some},
	{"cut", false, true, cut}, /* the address, or the option, had not room */
};

bool condition_is_blind(const struct condition *condition)
{
	return condition->fits != to_family && condition->fits != to_wildcard &&
	       condition->fits != of_text && condition->fits != of_room && condition->fits != cut;
}

const struct condition *condition_named(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		if (strlen(conditions[i].name) == length &&
		    !memcmp(conditions[i].name, name, length))
			return &conditions[i];
	}
	return NULL;
}
