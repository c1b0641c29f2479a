/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripted peer under a fuzzer (libFuzzer): whatever crosses the link, it neither crashes nor hangs.
 *
 * The input is a list of turns, each a byte that says which and a few that say how: raw packets, packets that
 * are well formed but unexpected, and lines of a script.  A socket pair stands in for the link.
 */
#include "peer.h"
#include "internal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>

enum { TURNS_MAX = 64 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A fault of a script ends a probe; here it ends the input. */
static jmp_buf end_of_script;
_Noreturn void __wrap_fault_format(const char *file, int line, const char *format, ...);
_Noreturn void __wrap_fault_format(const char *file, int line, const char *format, ...)
{
	(void)file;
	(void)line;
	(void)format;
	longjmp(end_of_script, 1);
}

/* --- the input ------------------------------------------------------------------------------------- */

static const uint8_t *input;
static size_t input_left;

static unsigned byte(void)
{
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

static unsigned word(void)
{
	unsigned high = byte();

	return high << 8 | byte();
}

/* At most `most` bytes of the input. */
static size_t bytes(const uint8_t **at, size_t most)
{
	size_t size = word() % (most + 1);

	if (size > input_left)
		size = input_left;
	*at = input;
	input += size;
	input_left -= size;
	return size;
}

/* --- the link ---------------------------------------------------------------------------------------- */

static int near_end;

static void arrives(const unsigned char *packet, size_t size)
{
	if (size && send(near_end, packet, size, 0) < 0 && errno != EAGAIN)
		abort();
}

/* What the peer sent is read and thrown away, so that the link never is full. */
static void drain(void)
{
	unsigned char packet[HEARD_MAX];

	while (recv(near_end, packet, sizeof packet, MSG_DONTWAIT) > 0)
		;
}

/* What the input has of it, and zeros. */
static void any_bytes(struct flow *flow)
{
	unsigned char packet[HEARD_MAX + 100] = {0};
	size_t size = word() % sizeof packet;
	const uint8_t *begin;
	size_t told = bytes(&begin, size);

	(void)flow;
	memcpy(packet, begin, told);
	arrives(packet, size);
}

static bool are_alike(const struct packet *one, const struct packet *other)
{
	return one->dport == other->dport && one->size == other->size &&
	       (one->protocol != IPPROTO_TCP ||
		(one->seq == other->seq && one->ack == other->ack && one->flags == other->flags &&
		 one->window == other->window));
}

/* As the near host would send it, but for what the input changes; returns its size. */
static size_t form_packet(const struct flow *flow, unsigned char out[HEARD_MAX])
{
	struct packet packet = peer_packet(flow);
	struct packet read_back;
	size_t size;

	memcpy(packet.dst, packet.src, sizeof packet.src);
	memcpy(packet.src,
	       flow->near.any.sa_family == AF_INET ? (void *)&flow->near.in.sin_addr
						   : (void *)&flow->near.in6.sin6_addr,
	       flow->near.any.sa_family == AF_INET ? 4 : 16);
	packet.sport = packet.dport ? packet.dport : 4000;
	packet.dport = port_of(&flow->far);
	packet.flags = (unsigned char)byte();
	packet.seq = flow->rcv_nxt + word() - 0x8000;
	packet.ack = flow->snd_nxt + word() - 0x8000;
	packet.window = (uint16_t)word();
	packet.options_size = byte() % (TCP_OPTIONS_MAX + 1);
	for (size_t i = 0; i < packet.options_size; i++)
		packet.options[i] = (unsigned char)byte();
	packet.size = bytes(&packet.data, 1460);
	size = packet_compose(&packet, out, HEARD_MAX);
	if (!size || !packet_parse(&read_back, out, size) || !are_alike(&packet, &read_back))
		abort(); /* what was composed is not what is read */
	return size;
}

static void formed_packet(struct flow *flow)
{
	unsigned char packet[HEARD_MAX];
	size_t size = form_packet(flow, packet);

	arrives(packet, size);
}

/* The same with some bytes changed, most of them of the headers, and cut off, as its length then says. */
static void bent_packet(struct flow *flow)
{
	unsigned char packet[HEARD_MAX];
	size_t size = form_packet(flow, packet);
	size_t cut = word() % size;

	for (unsigned changes = byte() % 4; changes; changes--) {
		size_t at = byte() % size;

		packet[at] = (unsigned char)byte();
	}
	size -= cut;
	if (packet[0] >> 4 == 4 && size > 4)
		packet[2] = (unsigned char)(size >> 8), packet[3] = (unsigned char)size;
	else if (size > 40)
		packet[4] = (unsigned char)((size - 40) >> 8),
		packet[5] = (unsigned char)(size - 40);
	arrives(packet, size);
}

/* --- lines of a script --------------------------------------------------------------------------------- */

static void gets(struct flow *flow)
{
	peer_gets(flow, (int)byte());
}

static void gets_data(struct flow *flow)
{
	peer_gets_data(flow, word() % 5000);
}

static void takes(struct flow *flow)
{
	peer_takes(flow, word() % 5000);
}

static void acknowledged(struct flow *flow)
{
	peer_is_acknowledged(flow);
}

static void gets_again(struct flow *flow)
{
	peer_gets_again(flow);
}

static void sends(struct flow *flow)
{
	peer_sends(flow, (int)byte());
}

static void sends_data(struct flow *flow)
{
	const uint8_t *data;
	size_t size = bytes(&data, 1460);

	peer_sends_data(flow, data, size);
}

static void sends_error(struct flow *flow)
{
	enum sender_of_error from = byte() & 1 ? FROM_ROUTER : FROM_PEER;
	int type = (int)byte();

	peer_sends_error(flow, from, type, (int)byte(), word());
}

static void looks_at_options(struct flow *flow)
{
	for (unsigned char kind = 0; kind < 40; kind++) {
		packet_option(&flow->got, kind, kind % 5);
		packet_has_option(&flow->got, kind);
	}
}

static void (*const turns[])(struct flow *) = {
	any_bytes,    formed_packet, bent_packet, gets,	      gets_data,   takes,
	acknowledged, gets_again,    sends,	  sends_data, sends_error, looks_at_options,
};

/* --- the fuzzer's ---------------------------------------------------------------------------------------- */

static void prepare(void)
{
	static char program[] = "peer";
	static char variant[] = "family=inet";
	static char *arguments[] = {program, variant, NULL};
	char number[16];
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends));
	near_end = ends[0];
	snprintf(number, sizeof number, "%d", ends[1]);
	setenv("SOCKSPEC_PEER", number, 1);
	setenv("SOCKSPEC_PEER_FRAMES", "ip", 1);
	setenv("SOCKSPEC_STAGE", "wire", 1);
	snprintf(number, sizeof number, "%d", must(open("/dev/null", O_WRONLY)));
	setenv("SOCKSPEC_LOG", number, 1);
	peer_patience_ms = 0;
	probe_begin(2, arguments);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	prepare();
	return 0;
}

static void play(void)
{
	struct flow flow = byte() & 1 ? peer_datagrams() : peer_listens();
	int family = byte() & 1 ? AF_INET6 : AF_INET;

	flow.far = name_in(family, FAR, port_of(&flow.far));
	flow.near = name_in(family, NEAR, 0);
	for (int i = 0; i < TURNS_MAX && input_left; i++) {
		turns[byte() % COUNT(turns)](&flow);
		drain();
		if (flow.heard_size &&
		    (flow.got.data < flow.heard ||
		     flow.got.data + flow.got.size > flow.heard + flow.heard_size))
			abort(); /* the packet's data are not where it was kept */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	input_left = size;
	if (!setjmp(end_of_script))
		play();
	drain();
	while (recv(atoi(getenv("SOCKSPEC_PEER")), (char[1]){0}, 1, MSG_DONTWAIT) > 0)
		;
	peer_forget();
	return 0;
}
