/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram of the peer's comes in fragments: in order or not, some twice, one late, or overlapping. */
#include "peer.h"

enum { PIECE = 1104, SIZE = 3000, UDP_HEADER = 8, IDENT = 4711 };

struct piece {
	size_t offset;
	size_t size;
};

static const struct piece first = {0, PIECE};
static const struct piece middle = {PIECE, PIECE};
static const struct piece last = {PIECE + PIECE, UDP_HEADER + SIZE - PIECE - PIECE};
static const struct piece across = {PIECE - 200, PIECE + 200};

enum { EARLY_MAX = 4 };
static const struct order {
	const char *word;
	const struct piece *early[EARLY_MAX]; /* up to NULL */
	const struct piece *late;
} orders[] = {
	{"forward", {&first, &middle}, &last},
	{"backward", {&last, &middle}, &first},
	{"twice", {&first, &last, &first, &last}, &middle},
	{"overlap", {&first, &across}, &last},
};

static const struct order *order_of_variant(void)
{
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		if (variant_is("order", orders[i].word))
			return &orders[i];
	}
	fault("fragments come in no order %s", variant("order"));
}

static void come(const struct raw *raw, const struct piece *piece)
{
	peer_sends_fragment(raw, IDENT, piece->offset, piece->size);
}

int main(int argc, char **argv)
{
	const struct order *order;
	unsigned char data[SIZE];
	struct packet packet;
	struct flow flow;
	struct raw raw;
	int s;

	probe_begin(argc, argv);
	order = order_of_variant();
	s = open_datagrams(&flow, false);
	pattern_fill(data, sizeof data, 0, 3);
	packet = peer_packet(&flow);
	packet.data = data;
	packet.size = sizeof data;
	raw_packet(&raw, &packet);

	step("all but one");
	for (size_t i = 0; i < EARLY_MAX && order->early[i]; i++)
		come(&raw, order->early[i]);
	fence(FAR);
	see_receive_now(BY_RECV, s, SIZE + 100);

	step("the one");
	come(&raw, order->late);
	fence(FAR);
	see_receive_now(BY_RECV, s, SIZE + 100);
	fence(NEAR);
	return probe_end();
}
