/* SPDX-License-Identifier: Apache-2.0 */
/* A connected socket after each way and order of shutdown(), in the closed and in the open directions. */
#include "kit.h"

struct order {
	const char *name;
	size_t count;
	int ways[2];
};

static const struct order orders[] = {
	{"rd", 1, {SHUT_RD}},
	{"rd,rd", 2, {SHUT_RD, SHUT_RD}},
	{"wr", 1, {SHUT_WR}},
	{"wr,wr", 2, {SHUT_WR, SHUT_WR}},
	{"rdwr", 1, {SHUT_RDWR}},
	{"rdwr,rdwr", 2, {SHUT_RDWR, SHUT_RDWR}},
	{"rd,wr", 2, {SHUT_RD, SHUT_WR}},
	{"wr,rd", 2, {SHUT_WR, SHUT_RD}},
	{"rd,rdwr", 2, {SHUT_RD, SHUT_RDWR}},
	{"wr,rdwr", 2, {SHUT_WR, SHUT_RDWR}},
};

/* The end that shuts down, and the other. */
struct ends {
	int self;
	int peer;
	enum place side;
};

static struct ends ends_of(const struct link *link)
{
	if (variant_is("end", "near"))
		return (struct ends){link->near, link->far, NEAR};
	return (struct ends){link->far, link->near, FAR};
}

static bool closes(const struct order *order, int way)
{
	for (size_t i = 0; i < order->count; i++) {
		if (order->ways[i] == way || order->ways[i] == SHUT_RDWR)
			return true;
	}
	return false;
}

/* A datagram socket's peer does not learn of the end: there is nothing to wait for. */
static void try_to_send(struct ends ends, const struct order *order)
{
	step("%s: sending", order->name);
	see_speak(ends.self, 3);
	if (type() == SOCK_DGRAM && closes(order, SHUT_WR))
		see_receive_now(BY_RECV, ends.peer, SAID);
	else
		see_arrival(ends.peer, SAID);
}

static void try_to_receive(struct ends ends, const struct order *order)
{
	step("%s: nothing to receive", order->name);
	see_receive_now(BY_RECV, ends.self, SAID);
	if (closes(order, SHUT_RD))
		return;
	step("%s: receiving", order->name);
	see_speak(ends.peer, 4);
	see_arrival(ends.self, SAID);
}

static void see_order(const struct order *order)
{
	struct link link = open_link(type());
	struct ends ends = ends_of(&link);
	struct name name = name_of_socket(ends.self);
	char text[32];

	step("%s: before", order->name);
	note_name(order->name, &name);
	name = name_of_peer(ends.self);
	snprintf(text, sizeof text, "%s: peer", order->name);
	note_name(text, &name);
	see_exchange(ends.self, ends.peer, 1);
	step("%s: shutdown", order->name);
	fence(ends.side);
	for (size_t i = 0; i < order->count; i++) {
		see_shutdown(ends.self, order->ways[i]);
		fence(ends.side);
	}
	try_to_send(ends, order);
	try_to_receive(ends, order);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		see_order(&orders[i]);
	return probe_end();
}
