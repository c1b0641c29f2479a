/* SPDX-License-Identifier: Apache-2.0 */
/* The SYN+ACK has options that no TCP knows, or with lengths that cannot be. */
#include "peer.h"

/* Kind 253 is for experiments (RFC 4727), and its first bytes name one that does not exist. */
static const unsigned char unknown[] = {253, 6, 0x73, 0x6f, 0x63, 0x6b, 1, 77, 3, 9};
static const unsigned char no_length[] = {77, 0, 1, 1};
static const unsigned char length_one[] = {77, 1, 1, 1};
static const unsigned char too_long[] = {77, 40, 1, 1};
static const unsigned char cut_off[] = {1, 1, 1, 77};

static const struct {
	const char *name;
	const unsigned char *bytes;
	size_t size;
} cases[] = {
	{"unknown", unknown, sizeof unknown},	       {"no_length", no_length, sizeof no_length},
	{"length_one", length_one, sizeof length_one}, {"too_long", too_long, sizeof too_long},
	{"cut_off", cut_off, sizeof cut_off},
};

static void add_options(struct flow *flow)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (!variant_is("options", cases[i].name))
			continue;
		add_syn_option(flow, cases[i].bytes, cases[i].size);
		return;
	}
	fault("options=%s is not known here", variant("options"));
}

int main(int argc, char **argv)
{
	struct flow plain;
	struct flow odd;
	int s;

	probe_begin(argc, argv);
	odd = peer_listens();
	plain = peer_listens();
	add_options(&odd);

	step("odd");
	s = see_connect_begin(&odd);
	peer_sends(&odd, SYN | ACK);
	if (!see_connect_end(s))
		see_peer_exchange(&odd, s);

	step("plain");
	s = see_connect_begin(&plain);
	peer_sends(&plain, SYN | ACK);
	see_connect_end(s);
	see_peer_exchange(&plain, s);
	return probe_end();
}
