/* SPDX-License-Identifier: Apache-2.0 */
/* Which packets a rule fits, and what it makes of them; rewrite.h has the words. */
#include "rewrite.h"

#include "rewrite_edit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	QUOTED_INET = 576 - 20 - 8,   /* RFC 1812, 4.3.2.3: 576 bytes in all */
	QUOTED_INET6 = 1280 - 40 - 8, /* RFC 4443, 2.4 (c): the minimum MTU */
	ERROR_CODES = 256,
	SAY_MOST = 1400, /* bytes of data that nobody wrote */
};

/* --- what a rule looks at ------------------------------------------------------------------------ */

/* A packet on its way, and what is known of its flow (NULL: it has none). */
struct sight {
	enum way way;
	const struct packet *packet;
	bool is_read;
	const struct rewrite_flow *flow;
};

static bool is_protocol(const struct sight *sight, int protocol)
{
	return sight->is_read && sight->packet->protocol == protocol;
}

static bool is_tcp(const struct sight *sight)
{
	return is_protocol(sight, IPPROTO_TCP);
}

/* Whether it has a TCP header. */
static bool is_segment(const struct sight *sight)
{
	return is_tcp(sight) && !sight->packet->fragment;
}

static bool is_icmp(const struct sight *sight)
{
	return is_protocol(sight, IPPROTO_ICMP) || is_protocol(sight, IPPROTO_ICMPV6);
}

static bool is_message(const struct sight *sight)
{
	return is_icmp(sight) && !sight->packet->fragment;
}

static bool has_payload(const struct sight *sight)
{
	return is_tcp(sight) || is_protocol(sight, IPPROTO_UDP);
}

static bool fits_tcp(const struct sight *sight, uint32_t value)
{
	(void)value;
	return is_tcp(sight);
}

static bool fits_udp(const struct sight *sight, uint32_t value)
{
	(void)value;
	return is_protocol(sight, IPPROTO_UDP);
}

static bool fits_icmp(const struct sight *sight, uint32_t value)
{
	(void)value;
	return is_icmp(sight);
}

static bool fits_other(const struct sight *sight, uint32_t value)
{
	(void)value;
	return !sight->is_read;
}

static bool fits_flag(const struct sight *sight, uint32_t flag)
{
	return is_segment(sight) && sight->packet->flags & flag;
}

static bool fits_data(const struct sight *sight, uint32_t value)
{
	(void)value;
	return has_payload(sight) && sight->packet->size;
}

static bool fits_empty(const struct sight *sight, uint32_t value)
{
	(void)value;
	return has_payload(sight) && !sight->packet->size;
}

static bool fits_longer(const struct sight *sight, uint32_t value)
{
	return has_payload(sight) && sight->packet->size > value;
}

static bool is_known(const struct sight *sight)
{
	return is_segment(sight) && sight->flow && sight->flow->seen[sight->way];
}

static bool fits_again(const struct sight *sight, uint32_t value)
{
	uint32_t numbers = packet_numbers(sight->packet);

	(void)value;
	return is_known(sight) && numbers &&
	       (int32_t)(sight->packet->seq + numbers - sight->flow->next[sight->way]) <= 0;
}

static bool fits_probe(const struct sight *sight, uint32_t value)
{
	const struct packet *packet = sight->packet;

	(void)value;
	return is_known(sight) && packet->size <= 1 &&
	       (packet->flags & (SYN | FIN | RST | ACK)) == ACK &&
	       packet->seq == sight->flow->next[sight->way] - 1;
}

static bool fits_option(const struct sight *sight, uint32_t kind)
{
	return is_segment(sight) && packet_has_option(sight->packet, (unsigned char)kind);
}

static bool fits_type(const struct sight *sight, uint32_t type)
{
	return is_message(sight) && sight->packet->type == type;
}

static bool fits_code(const struct sight *sight, uint32_t code)
{
	return is_message(sight) && sight->packet->code == code;
}

/* The protocol of what an error quotes, whose header may be cut off.  RFC 4443, 2.1: errors of ICMPv6
 * have types below 128; RFC 792 has these five. */
static bool fits_quoted(const struct sight *sight, uint32_t protocol)
{
	static const unsigned char inet_errors[] = {3, 4, 5, 11, 12};
	const struct packet *packet = sight->packet;
	bool inet = packet->protocol == IPPROTO_ICMP;

	if (!is_message(sight) || packet->size < 20)
		return false;
	if (inet && !memchr(inet_errors, packet->type, sizeof inet_errors))
		return false;
	return (inet || packet->type < 128) && packet->data[inet ? 9 : 6] == protocol;
}

static bool fits_fragment(const struct sight *sight, uint32_t value)
{
	(void)value;
	return sight->packet->fragment || sight->packet->more_fragments;
}

static bool fits_piece(const struct sight *sight, uint32_t value)
{
	(void)value;
	return sight->packet->fragment;
}

static bool is_group(int family, const unsigned char *address)
{
	static const unsigned char link_broadcast[4] = {192, 0, 2, 255};

	if (family == AF_INET6)
		return address[0] == 0xff;
	return address[0] >> 4 == 14 || address[0] == 255 || !memcmp(address, link_broadcast, 4);
}

static bool fits_group(const struct sight *sight, uint32_t value)
{
	const struct packet *packet = sight->packet;

	(void)value;
	return is_group(packet->family, packet->src) || is_group(packet->family, packet->dst);
}

static uint16_t port_of(const struct packet *packet, bool source)
{
	return source ? packet->sport : packet->dport;
}

static bool fits_port(const struct sight *sight, uint32_t port)
{
	return has_payload(sight) && port_of(sight->packet, sight->way == WAY_OUT) == port;
}

static bool fits_peer_port(const struct sight *sight, uint32_t port)
{
	return has_payload(sight) && port_of(sight->packet, sight->way == WAY_IN) == port;
}

static bool fits_window(const struct sight *sight, uint32_t window)
{
	return is_segment(sight) && sight->packet->window == window;
}

/* What stands behind a condition's name. */
enum needs { NOTHING, NUMBER };

struct condition {
	const char *name;
	bool (*fits)(const struct sight *sight, uint32_t value);
	enum needs needs;
	uint32_t value; /* of those that need nothing */
};

static const struct condition conditions[] = {
	{"tcp", fits_tcp, NOTHING, 0},
	{"udp", fits_udp, NOTHING, 0},
	{"icmp", fits_icmp, NOTHING, 0},
	{"other", fits_other, NOTHING, 0},
	{"syn", fits_flag, NOTHING, SYN},
	{"fin", fits_flag, NOTHING, FIN},
	{"rst", fits_flag, NOTHING, RST},
	{"psh", fits_flag, NOTHING, PSH},
	{"ack", fits_flag, NOTHING, ACK},
	{"urg", fits_flag, NOTHING, URG},
	{"ece", fits_flag, NOTHING, ECE},
	{"cwr", fits_flag, NOTHING, CWR},
	{"data", fits_data, NOTHING, 0},
	{"empty", fits_empty, NOTHING, 0},
	{"longer", fits_longer, NUMBER, 0},
	{"again", fits_again, NOTHING, 0},
	{"probe", fits_probe, NOTHING, 0},
	{"option", fits_option, NUMBER, 0},
	{"type", fits_type, NUMBER, 0},
	{"code", fits_code, NUMBER, 0},
	{"quotes=tcp", fits_quoted, NOTHING, IPPROTO_TCP},
	{"quotes=udp", fits_quoted, NOTHING, IPPROTO_UDP},
	{"frag", fits_fragment, NOTHING, 0},
	{"piece", fits_piece, NOTHING, 0},
	{"group", fits_group, NOTHING, 0},
	{"port", fits_port, NUMBER, 0},
	{"peerport", fits_peer_port, NUMBER, 0},
	{"window", fits_window, NUMBER, 0},
};

static bool fits(const struct rewrite_word *word, const struct sight *sight)
{
	const struct condition *condition = word->entry;
	uint32_t value = condition->needs == NUMBER ? word->value : condition->value;

	return condition->fits(sight, value) != word->no;
}

/* The counts come last: they count what fits all else. */
static bool counts(struct rewrite *rewrite)
{
	uint32_t n = ++rewrite->fitted;

	return n > rewrite->after && (!rewrite->until || n <= rewrite->until) &&
	       (!rewrite->nth || n == rewrite->nth) && (!rewrite->every || n % rewrite->every == 0);
}

static bool fits_rule(struct rewrite *rewrite, const struct sight *sight)
{
	if (!rewrite->tells || sight->way != rewrite->way)
		return false;
	for (size_t i = 0; i < rewrite->conditions; i++) {
		if (!fits(&rewrite->when[i], sight))
			return false;
	}
	return counts(rewrite);
}

/* --- the markers of fences ----------------------------------------------------------------------- */

/* kit/sockets.c has their text. */
static bool is_marker(const struct sight *sight)
{
	static const char text[] = "sockspec fence ";
	const struct packet *packet = sight->packet;

	return is_protocol(sight, IPPROTO_UDP) && !packet->fragment &&
	       packet->size > sizeof text - 1 && !memcmp(packet->data, text, sizeof text - 1);
}

/* --- TCP connections ----------------------------------------------------------------------------- */

static struct rewrite_flow *find_flow(struct rewrite *rewrite, const struct sight *sight)
{
	uint16_t near = port_of(sight->packet, sight->way == WAY_OUT);
	uint16_t peer = port_of(sight->packet, sight->way == WAY_IN);
	struct rewrite_flow *flow;

	if (!is_segment(sight))
		return NULL;
	for (size_t i = 0; i < REWRITE_FLOWS; i++) {
		flow = &rewrite->flows[i];
		if (flow->family == sight->packet->family && flow->near_port == near &&
		    flow->peer_port == peer)
			return flow;
	}
	flow = &rewrite->flows[rewrite->flow_count++ % REWRITE_FLOWS];
	*flow = (struct rewrite_flow){
		.family = sight->packet->family, .near_port = near, .peer_port = peer};
	return flow;
}

static void learn(struct rewrite_flow *flow, const struct sight *sight)
{
	const struct packet *packet = sight->packet;
	uint32_t end = packet->seq + packet_numbers(packet);
	bool begins = packet->flags & SYN;
	bool *seen = &flow->seen[sight->way == WAY_IN];
	uint32_t *next = &flow->next[sight->way == WAY_IN];

	if (packet->flags & RST || (!packet_numbers(packet) && *seen))
		return;
	/* Another SYN begins a new connection of the same ports, if it is not the old one again. */
	if (!*seen || begins || (int32_t)(end - *next) > 0)
		*next = end;
	*seen = true;
}

/* --- deeds --------------------------------------------------------------------------------------- */

/* A packet that is being changed. */
struct work {
	struct rewrite *rewrite;
	struct rewriting *rewriting;
	struct rewrite_flow *flow;
	const unsigned char *bytes; /* as they came, with what a link may have padded them with */
	size_t size;
	struct edit before;
	struct edit edit;
	enum checksum_wish sum;
	bool dropped;
	bool twice;
	bool late;
};

static bool do_drop(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return work->dropped = true;
}

static bool do_twice(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return work->twice = true;
}

static bool do_late(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	if (work->rewrite->holds[work->edit.way])
		return false;
	return work->late = true;
}

static bool do_set(struct work *work, const struct rewrite_word *word)
{
	return edit_flags(&work->edit, word->value, 0);
}

static bool do_clear(struct work *work, const struct rewrite_word *word)
{
	return edit_flags(&work->edit, 0, word->value);
}

static bool do_flags(struct work *work, const struct rewrite_word *word)
{
	return edit_flags(&work->edit, word->value, 0xff);
}

static bool do_no_option(struct work *work, const struct rewrite_word *word)
{
	return edit_no_option(&work->edit, word->value);
}

static bool do_no_options(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return edit_no_options(&work->edit);
}

static bool do_flip_option(struct work *work, const struct rewrite_word *word)
{
	return edit_option_flipped(&work->edit, word->value);
}

static bool do_cut_option(struct work *work, const struct rewrite_word *word)
{
	return edit_option_cut(&work->edit, word->value);
}

static bool do_add_option(struct work *work, const struct rewrite_word *word)
{
	return edit_option_added(&work->edit, word->value);
}

static bool do_mss(struct work *work, const struct rewrite_word *word)
{
	return edit_mss(&work->edit, word->sign, word->value);
}

static bool do_cut(struct work *work, const struct rewrite_word *word)
{
	return edit_cut(&work->edit, word->value);
}

static bool do_grow(struct work *work, const struct rewrite_word *word)
{
	return edit_grow(&work->edit, word->value);
}

static bool do_flip(struct work *work, const struct rewrite_word *word)
{
	return edit_flip(&work->edit, word->sign ? word->value : SIZE_MAX);
}

static bool wish_sum(struct work *work, enum checksum_wish wish)
{
	work->sum = wish;
	return work->edit.transport != 0;
}

static bool do_bad_sum(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return wish_sum(work, SUM_WRONG);
}

static bool do_good_sum(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return wish_sum(work, SUM_RIGHT);
}

static bool do_no_sum(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return wish_sum(work, SUM_NONE);
}

/* Who is who on the link: kit/name.c and kit/peer.c have the same. */
static const struct host {
	const char *name;
	const char *inet;
	const char *inet6;
} hosts[] = {
	{"near", "192.0.2.1", "2001:db8::1"},  {"peer", "192.0.2.2", "2001:db8::2"},
	{"other", "192.0.2.3", "2001:db8::3"}, {"router", "192.0.2.254", "2001:db8::fe"},
	{"group", "224.0.0.1", "ff02::1"},
};

static void host_address(size_t host, int family, unsigned char *bytes)
{
	inet_pton(family, family == AF_INET ? hosts[host].inet : hosts[host].inet6, bytes);
}

static bool set_address(struct work *work, const struct rewrite_word *word, bool source)
{
	unsigned char address[16];

	host_address(word->value, work->edit.packet.family, address);
	return edit_address(&work->edit, source, address);
}

static bool do_source(struct work *work, const struct rewrite_word *word)
{
	return set_address(work, word, true);
}

static bool do_destination(struct work *work, const struct rewrite_word *word)
{
	return set_address(work, word, false);
}

/* From its SYN on the near host's numbers are others; shift() keeps to it. */
static bool do_isn(struct work *work, const struct rewrite_word *word)
{
	const struct packet *packet = &work->before.packet;

	if (!work->flow || work->edit.way != WAY_OUT || !(packet->flags & SYN))
		return false;
	work->flow->shift = word->sign == '='	? word->value - packet->seq
			    : word->sign == '+' ? word->value
						: -word->value;
	return work->flow->shift != 0;
}

/* --- packets that nobody sent -------------------------------------------------------------------- */

static struct rewritten *next_sent(struct rewriting *rewriting)
{
	return rewriting->count < REWRITE_SENT ? &rewriting->sent[rewriting->count] : NULL;
}

static bool add_composed(struct work *work, const struct packet *packet, enum way way)
{
	struct rewritten *sent = next_sent(work->rewriting);

	if (!sent)
		return false;
	sent->way = way;
	sent->size = packet_compose(packet, sent->bytes, sizeof sent->bytes);
	work->rewriting->count += sent->size > 0;
	return sent->size > 0;
}

static bool has_segment(const struct work *work)
{
	return work->edit.transport && work->edit.packet.protocol == IPPROTO_TCP;
}

/* A segment with the numbers behind this one. */
static struct packet packet_behind(struct packet packet, unsigned flags)
{
	packet.seq += packet_numbers(&packet);
	packet.flags = (unsigned char)(flags | (packet.flags & ACK));
	packet.urgent = 0;
	packet.size = packet.options_size = 0;
	packet.fragment = packet.more_fragments = false;
	return packet;
}

static bool add_behind(struct work *work, unsigned flags)
{
	struct packet packet;

	if (!has_segment(work))
		return false;
	packet = packet_behind(work->edit.packet, flags);
	return add_composed(work, &packet, work->edit.way);
}

static bool do_reset(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return add_behind(work, RST);
}

static bool do_fin(struct work *work, const struct rewrite_word *word)
{
	(void)word;
	return add_behind(work, FIN);
}

static bool do_later(struct work *work, const struct rewrite_word *word)
{
	enum way way = work->edit.way;
	struct rewritten *held = &work->rewrite->held[way];
	struct packet packet;

	if (!has_segment(work) || work->late || work->rewrite->holds[way])
		return false;
	packet = packet_behind(work->edit.packet, word->value);
	held->way = way;
	held->size = packet_compose(&packet, held->bytes, sizeof held->bytes);
	return work->rewrite->holds[way] = held->size > 0;
}

static bool do_copy(struct work *work, const struct rewrite_word *word)
{
	struct packet packet = work->edit.packet;

	if (!has_segment(work))
		return false;
	packet.seq += word->sign == '-' ? -word->value : word->value;
	return add_composed(work, &packet, work->edit.way);
}

static enum way back(const struct work *work)
{
	return work->edit.way == WAY_OUT ? WAY_IN : WAY_OUT;
}

/* What goes back to where a packet came from. */
static struct packet packet_back(const struct packet *packet)
{
	struct packet answer = {.family = packet->family, .protocol = packet->protocol};

	memcpy(answer.src, packet->dst, sizeof answer.src);
	memcpy(answer.dst, packet->src, sizeof answer.dst);
	answer.sport = packet->dport;
	answer.dport = packet->sport;
	return answer;
}

static bool do_answer(struct work *work, const struct rewrite_word *word)
{
	const struct packet *packet = &work->edit.packet;
	struct packet answer = packet_back(packet);

	if (!has_segment(work))
		return false;
	answer.flags = (unsigned char)word->value;
	answer.seq = packet->flags & ACK ? packet->ack : 0;
	answer.ack = answer.flags & ACK ? packet->seq + packet_numbers(packet) : 0;
	answer.window = answer.flags & RST ? 0 : UINT16_MAX;
	return add_composed(work, &answer, back(work));
}

static bool do_say(struct work *work, const struct rewrite_word *word)
{
	static const unsigned char zeros[SAY_MOST];
	const struct packet *packet = &work->edit.packet;
	struct packet said = packet_back(packet);

	if (!has_segment(work) || !work->flow || !work->flow->seen[back(work)] ||
	    word->value > sizeof zeros)
		return false;
	said.flags = PSH | ACK;
	said.seq = work->flow->next[back(work)];
	said.ack = packet->seq + packet_numbers(packet);
	said.window = UINT16_MAX;
	said.data = zeros;
	said.size = word->value;
	return add_composed(work, &said, back(work));
}

/* From the near host's own address where the packet was for a group. */
static bool do_error(struct work *work, const struct rewrite_word *word)
{
	const struct packet *packet = &work->edit.packet;
	struct packet error = packet_back(packet);
	bool inet = packet->family == AF_INET;
	size_t most = inet ? QUOTED_INET : QUOTED_INET6;

	error.protocol = inet ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	error.type = (unsigned char)(word->value / ERROR_CODES);
	error.code = (unsigned char)(word->value % ERROR_CODES);
	error.data = work->edit.bytes;
	error.size = work->edit.size < most ? work->edit.size : most;
	if (is_group(packet->family, error.src))
		host_address(back(work) == WAY_OUT ? 0 : 1, packet->family, error.src);
	if (is_group(packet->family, error.dst))
		host_address(back(work) == WAY_OUT ? 1 : 0, packet->family, error.dst);
	return add_composed(work, &error, back(work));
}

/* --- the table of deeds -------------------------------------------------------------------------- */

enum value { NO_VALUE, A_NUMBER, SIGNED, MAYBE_NUMBER, FLAGS, HOST, ERROR };

/* Those that send more come behind what they are beside. */
enum order { ON_PACKET, BESIDE };

struct deed {
	const char *name;
	bool (*tell)(struct work *work, const struct rewrite_word *word);
	enum value value;
	enum order order;
};

static const struct deed deeds[] = {
	{"drop", do_drop, NO_VALUE, ON_PACKET},
	{"twice", do_twice, NO_VALUE, ON_PACKET},
	{"late", do_late, NO_VALUE, ON_PACKET},
	{"set", do_set, FLAGS, ON_PACKET},
	{"clear", do_clear, FLAGS, ON_PACKET},
	{"flags", do_flags, FLAGS, ON_PACKET},
	{"noopt", do_no_option, A_NUMBER, ON_PACKET},
	{"nooptions", do_no_options, NO_VALUE, ON_PACKET},
	{"optflip", do_flip_option, A_NUMBER, ON_PACKET},
	{"optcut", do_cut_option, A_NUMBER, ON_PACKET},
	{"optadd", do_add_option, A_NUMBER, ON_PACKET},
	{"mss", do_mss, SIGNED, ON_PACKET},
	{"cut", do_cut, A_NUMBER, ON_PACKET},
	{"grow", do_grow, A_NUMBER, ON_PACKET},
	{"flip", do_flip, MAYBE_NUMBER, ON_PACKET},
	{"badsum", do_bad_sum, NO_VALUE, ON_PACKET},
	{"goodsum", do_good_sum, NO_VALUE, ON_PACKET},
	{"nosum", do_no_sum, NO_VALUE, ON_PACKET},
	{"src", do_source, HOST, ON_PACKET},
	{"dst", do_destination, HOST, ON_PACKET},
	{"isn", do_isn, SIGNED, ON_PACKET},
	{"reset", do_reset, NO_VALUE, BESIDE},
	{"fin", do_fin, NO_VALUE, BESIDE},
	{"later", do_later, FLAGS, BESIDE},
	{"copy", do_copy, SIGNED, BESIDE},
	{"answer", do_answer, FLAGS, BESIDE},
	{"say", do_say, A_NUMBER, BESIDE},
	{"error", do_error, ERROR, BESIDE},
};

static const struct deed *deed_named(const char *name)
{
	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
		if (!strcmp(deeds[i].name, name))
			return &deeds[i];
	}
	return NULL;
}

/* Whether it changed anything; a word that is no deed is a field. */
static bool tell(struct work *work, const struct rewrite_word *word)
{
	const struct deed *deed = deed_named(word->text);

	if (deed)
		return deed->tell(work, word);
	return edit_field(&work->edit, word->entry, word->sign, word->value);
}

static bool tell_all(struct work *work, enum order order)
{
	const struct rewrite *rewrite = work->rewrite;
	bool told = false;

	for (size_t i = 0; i < rewrite->deed_count; i++) {
		const struct deed *deed = deed_named(rewrite->deeds[i].text);

		if ((deed ? deed->order : ON_PACKET) == order)
			told |= tell(work, &rewrite->deeds[i]);
	}
	return told;
}

/* --- what leaves --------------------------------------------------------------------------------- */

static void add(struct rewriting *rewriting, enum way way, const unsigned char *bytes, size_t size)
{
	struct rewritten *sent = next_sent(rewriting);

	if (!sent)
		return;
	sent->way = way;
	sent->size = size;
	memcpy(sent->bytes, bytes, size);
	rewriting->count++;
}

static void hold(struct rewrite *rewrite, const struct edit *edit)
{
	struct rewritten *held = &rewrite->held[edit->way];

	held->way = edit->way;
	held->size = edit->size;
	memcpy(held->bytes, edit->bytes, edit->size);
	rewrite->holds[edit->way] = true;
}

/* What was late leaves behind the first packet that has passed. */
static void release(struct rewrite *rewrite, enum way way, struct rewriting *rewriting)
{
	const struct rewritten *held = &rewrite->held[way];
	bool passed = false;

	for (size_t i = 0; i < rewriting->count; i++)
		passed |= rewriting->sent[i].way == way;
	if (!rewrite->holds[way] || !passed)
		return;
	add(rewriting, way, held->bytes, held->size);
	rewrite->holds[way] = false;
}

static void add_itself(struct work *work)
{
	const struct edit *edit = &work->edit;

	if (work->dropped)
		return;
	if (!work->late)
		add(work->rewriting, edit->way, edit->bytes, edit->size);
	if (work->twice)
		add(work->rewriting, edit->way, edit->bytes, edit->size);
}

/* The numbers of a connection whose beginning was another. */
static void shift(struct work *work)
{
	const struct rewrite_flow *flow = work->flow;

	if (!flow || !flow->shift)
		return;
	if (work->edit.way == WAY_OUT)
		edit_field(&work->edit, field_named("seq"), '+', flow->shift);
	else if (work->edit.packet.flags & ACK)
		edit_field(&work->edit, field_named("ack"), '-', flow->shift);
}

/* What is not changed leaves as it came, to the last byte. */
static void finish(struct work *work)
{
	struct edit *edit = &work->edit;
	const struct edit *before = &work->before;

	if (work->sum != SUM_FOLLOWS || edit->size != before->size ||
	    memcmp(edit->bytes, before->bytes, edit->size) != 0) {
		edit_end(edit, before, work->sum);
		return;
	}
	memcpy(edit->bytes, work->bytes, work->size);
	edit->size = work->size;
}

static void rewrite_work(struct work *work, bool fitted)
{
	struct rewrite *rewrite = work->rewrite;
	bool held = rewrite->holds[work->edit.way];
	bool told;

	work->before = work->edit;
	told = fitted && tell_all(work, ON_PACKET);
	shift(work);
	finish(work);
	add_itself(work);
	told |= fitted && tell_all(work, BESIDE);
	rewrite->told |= told;
	if (held)
		release(rewrite, work->edit.way, work->rewriting);
	if (work->late)
		hold(rewrite, &work->edit);
}

void rewrite_packet(struct rewrite *rewrite, enum way way, const unsigned char *bytes, size_t size,
		    struct rewriting *rewriting)
{
	struct work work = {
		.rewrite = rewrite, .rewriting = rewriting, .bytes = bytes, .size = size};
	struct sight sight = {.way = way, .packet = &work.edit.packet};
	bool fitted;

	rewriting->count = 0;
	if (!edit_begin(&work.edit, way, bytes, size)) {
		if (size <= REWRITE_ROOM)
			add(rewriting, way, bytes, size);
		return;
	}
	sight.is_read = work.edit.is_read;
	work.flow = find_flow(rewrite, &sight);
	sight.flow = work.flow;
	fitted = !is_marker(&sight) && fits_rule(rewrite, &sight);
	if (work.flow)
		learn(work.flow, &sight);
	rewrite_work(&work, fitted);
}

/* --- rules as text ------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t flag;
} flag_names[] = {{"fin", FIN}, {"syn", SYN}, {"rst", RST}, {"psh", PSH},
		  {"ack", ACK}, {"urg", URG}, {"ece", ECE}, {"cwr", CWR}};

static bool parse_number(const char *text, uint32_t *value)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*value = (uint32_t)number;
	return *text >= '0' && *text <= '9' && !*end && number <= UINT32_MAX;
}

static bool add_flag(const char *name, size_t size, uint32_t *flags)
{
	for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++) {
		if (strlen(flag_names[i].name) != size ||
		    memcmp(flag_names[i].name, name, size) != 0)
			continue;
		*flags |= flag_names[i].flag;
		return true;
	}
	return false;
}

static bool parse_flags(const char *text, uint32_t *flags)
{
	*flags = 0;
	for (;;) {
		size_t size = strcspn(text, "+");

		if (!add_flag(text, size, flags))
			return false;
		if (!text[size])
			return true;
		text += size + 1;
	}
}

static bool parse_host(const char *text, uint32_t *value)
{
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		*value = (uint32_t)i;
		if (!strcmp(hosts[i].name, text))
			return true;
	}
	return false;
}

/* TYPE.CODE */
static bool parse_error(const char *text, uint32_t *value)
{
	char type[4] = "";
	const char *dot = strchr(text, '.');
	uint32_t code;

	if (!dot || (size_t)(dot - text) >= sizeof type)
		return false;
	memcpy(type, text, (size_t)(dot - text));
	if (!parse_number(type, value) || !parse_number(dot + 1, &code) || *value >= ERROR_CODES ||
	    code >= ERROR_CODES)
		return false;
	*value = *value * ERROR_CODES + code;
	return true;
}

/* Takes the word's value off; returns its text, NULL: there is none. */
static const char *split(struct rewrite_word *word)
{
	size_t size = strcspn(word->text, "=+-");

	word->sign = word->text[size];
	if (!word->sign)
		return NULL;
	word->text[size] = '\0';
	return word->text + size + 1;
}

static bool parse_value(struct rewrite_word *word, enum value kind, const char *text)
{
	if (!text)
		return kind == NO_VALUE || kind == MAYBE_NUMBER;
	if (kind == SIGNED)
		return parse_number(text, &word->value);
	if (word->sign != '=')
		return false;
	switch (kind) {
	case A_NUMBER:
	case MAYBE_NUMBER:
		return parse_number(text, &word->value);
	case FLAGS:
		return parse_flags(text, &word->value);
	case HOST:
		return parse_host(text, &word->value);
	case ERROR:
		return parse_error(text, &word->value);
	default:
		return false;
	}
}

static bool parse_deed(struct rewrite *rewrite, const char *text)
{
	struct rewrite_word word = {.entry = NULL};
	const struct deed *deed;
	const char *value;

	if (rewrite->deed_count == REWRITE_WORDS)
		return false;
	snprintf(word.text, sizeof word.text, "%s", text);
	value = split(&word);
	deed = deed_named(word.text);
	word.entry = field_named(word.text);
	if ((!deed && !word.entry) || !parse_value(&word, deed ? deed->value : SIGNED, value))
		return false;
	rewrite->deeds[rewrite->deed_count++] = word;
	return true;
}

/* The direction and the counts: they are not asked of a packet. */
static bool parse_count(struct rewrite *rewrite, const struct rewrite_word *word)
{
	const struct {
		const char *name;
		uint32_t *count;
	} counts_of[] = {{"after", &rewrite->after},
			 {"until", &rewrite->until},
			 {"nth", &rewrite->nth},
			 {"every", &rewrite->every}};

	for (size_t i = 0; i < sizeof counts_of / sizeof counts_of[0]; i++) {
		if (strcmp(counts_of[i].name, word->text) != 0)
			continue;
		*counts_of[i].count = word->value;
		return word->value > 0;
	}
	return false;
}

static const struct condition *condition_named(const char *name, bool has_number)
{
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		if (!strcmp(conditions[i].name, name) &&
		    (conditions[i].needs == NUMBER) == has_number)
			return &conditions[i];
	}
	return NULL;
}

static bool parse_condition(struct rewrite *rewrite, const char *text)
{
	struct rewrite_word word = {.no = !strncmp(text, "no.", 3)};
	const char *value;
	bool has_number;

	if (rewrite->conditions == REWRITE_WORDS)
		return false;
	snprintf(word.text, sizeof word.text, "%s", text + (word.no ? 3 : 0));
	word.entry = condition_named(word.text, false);
	if (!word.entry) {
		value = split(&word);
		has_number = value && word.sign == '=' && parse_number(value, &word.value);
		if (!has_number)
			return false;
		if (!word.no && parse_count(rewrite, &word))
			return true;
		word.entry = condition_named(word.text, true);
	}
	if (!word.entry)
		return false;
	rewrite->when[rewrite->conditions++] = word;
	return true;
}

/* Whether the word is a direction, of which there may be one. */
static bool parse_way(struct rewrite *rewrite, const char *text, unsigned *ways)
{
	bool out = !strcmp(text, "out");

	if (!out && strcmp(text, "in") != 0)
		return false;
	rewrite->way = out ? WAY_OUT : WAY_IN;
	++*ways;
	return true;
}

static bool refuse(char *why, size_t size, const char *what, const char *text)
{
	snprintf(why, size, "a lie on the wire: %s%s", what, text);
	return false;
}

static bool parse_when(struct rewrite *rewrite, char *text, char *why, size_t size)
{
	unsigned ways = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!parse_way(rewrite, word, &ways) && !parse_condition(rewrite, word))
			return refuse(why, size, "it does not know the condition ", word);
	}
	return ways == 1 || refuse(why, size, "it wants one of `out` and `in`", "");
}

static bool parse_do(struct rewrite *rewrite, char *text, char *why, size_t size)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!parse_deed(rewrite, word))
			return refuse(why, size, "it cannot do ", word);
	}
	return rewrite->deed_count || refuse(why, size, "it says nothing to do", "");
}

/* The words are short enough to be kept whole. */
static bool has_long_word(const char *text)
{
	while (*text) {
		size_t size = strcspn(text, ",:");

		if (size >= REWRITE_WORD)
			return true;
		text += size + (text[size] != '\0');
	}
	return false;
}

bool rewrite_parse(struct rewrite *rewrite, const char *rule, char *why, size_t size)
{
	static const char begin[] = "wire:";
	char text[REWRITE_RULE];
	char *colon;

	memset(rewrite, 0, sizeof *rewrite);
	if (!strcmp(rule, "none"))
		return true;
	if (strncmp(rule, begin, sizeof begin - 1) != 0)
		return refuse(why, size, "the rule does not begin with wire: but is ", rule);
	if (strlen(rule) >= sizeof text || has_long_word(rule))
		return refuse(why, size, "the rule is too long", "");
	snprintf(text, sizeof text, "%s", rule + sizeof begin - 1);
	colon = strchr(text, ':');
	if (!colon || strchr(colon + 1, ':'))
		return refuse(why, size, "the rule is not wire:WHEN:DO but ", rule);
	*colon = '\0';
	rewrite->tells = true;
	return parse_when(rewrite, text, why, size) && parse_do(rewrite, colon + 1, why, size);
}
