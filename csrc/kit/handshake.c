/* SPDX-License-Identifier: Apache-2.0 */
/* Handshakes with the scripted peer, step by step, from either side. */
#include "peer.h"

#include "internal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

enum { LIMIT_MS = 5000, TOLD_MAX = 32 };

static int flag_named(const char *word)
{
	static const struct symbol flags[] = {
		{SYN, "syn"}, {FIN, "fin"}, {RST, "rst"},    {PSH, "psh"},
		{ACK, "ack"}, {URG, "urg"}, {0, "no_flags"},
	};

	for (size_t i = 0; i < COUNT(flags); i++) {
		if (!strcmp(flags[i].name, word))
			return (int)flags[i].value;
	}
	fault("%s is no flag of TCP", word);
}

static int flags_told(void)
{
	char told[TOLD_MAX];
	char *rest = NULL;
	int flags = 0;

	snprintf(told, sizeof told, "%s", variant("flags"));
	for (char *word = strtok_r(told, "+", &rest); word; word = strtok_r(NULL, "+", &rest))
		flags |= flag_named(word);
	return flags;
}

struct segment segment_told(void)
{
	static const char stray[] = "stray";
	struct segment segment = {.flags = flags_told(), .data = stray};

	if (!strcmp(variant_or("data", "no"), "yes"))
		segment.size = sizeof stray - 1;
	return segment;
}

/* --- the near host calls --------------------------------------------------------------------------------- */

int see_connect_begin(struct flow *flow)
{
	int fd = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	see_connect(fd, &flow->far);
	peer_gets(flow, SYN);
	return fd;
}

int see_connect_end(int fd)
{
	see_poll(fd, POLLOUT, LIMIT_MS);
	return see_so_error(fd);
}

/* --- the peer calls ---------------------------------------------------------------------------------------- */

int open_polled_listener(int backlog)
{
	int fd = open_listener(NEAR, backlog);

	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

bool peer_begins(struct flow *flow, int listener)
{
	*flow = peer_calls(listener);
	peer_sends(flow, SYN);
	return peer_gets(flow, SYN | ACK);
}

bool peer_joins(struct flow *flow, int listener)
{
	if (!peer_begins(flow, listener))
		return false;
	peer_sends(flow, ACK);
	return true;
}

int see_queue(int listener)
{
	fence(FAR);
	see_poll(listener, POLLIN, 0);
	return see_accept(listener, NULL);
}

int see_accept_soon(int listener)
{
	see_poll(listener, POLLIN, LIMIT_MS);
	return see_accept(listener, NULL);
}

/* --- whether a connection stands ------------------------------------------------------------------------- */

static const char word_of_near[] = "near";
static const char word_of_peer[] = "peer!";

void see_peer_exchange(struct flow *flow, int fd)
{
	see_send(BY_SEND, fd, word_of_near, sizeof word_of_near - 1, MSG_NOSIGNAL, NULL);
	peer_takes(flow, sizeof word_of_near - 1);
	peer_sends_data(flow, word_of_peer, sizeof word_of_peer - 1);
	see_receive_soon(BY_RECV, fd, SAID);
}
