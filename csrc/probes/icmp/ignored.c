/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP errors that are none for the socket, each followed by a port unreachable that is one. */
#include "peer.h"

#include <fcntl.h>

enum { SHORT = 32, PORTS = 0, SEQUENCE = 4, ANOTHER_PORT = 1, BELOW = -100000, BEYOND = 100000 };

static unsigned char data[SHORT];

/* --- the socket and what is quoted of it ---------------------------------------------------------- */

static int connecting(struct flow *flow)
{
	int s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	*flow = peer_listens();
	if (!connect(s, &flow->far.any, flow->far.length) || errno != EINPROGRESS)
		fault_at("connect()", errno, __FILE__, __LINE__);
	peer_gets(flow, SYN);
	return s;
}

static int established(struct flow *flow)
{
	int s;

	*flow = peer_listens();
	s = open_to_peer(flow);
	send_all(s, data, sizeof data);
	peer_gets_data(flow, sizeof data);
	return s;
}

static int datagrams(struct flow *flow)
{
	int s = open_datagrams(flow, true);

	must(fcntl(s, F_SETFL, O_NONBLOCK));
	send_all(s, data, sizeof data);
	peer_gets_datagram(flow);
	return s;
}

static int socket_with_packet(struct flow *flow)
{
	if (variant_is("state", "connecting"))
		return connecting(flow);
	if (variant_is("state", "established"))
		return established(flow);
	return datagrams(flow);
}

/* --- the errors ----------------------------------------------------------------------------------- */

static int unreachable(void)
{
	return family() == AF_INET ? 3 : 1;
}

static int port(void)
{
	return family() == AF_INET ? 3 : 4;
}

static void port_unreachable(const struct flow *flow)
{
	peer_sends_error(flow, FROM_PEER, unreachable(), port(), 0);
}

/* The near host's port is the first half of the number. */
static void another_source_port(struct flow *flow)
{
	misquote(flow, PORTS, ANOTHER_PORT << 16);
	port_unreachable(flow);
}

static void another_destination_port(struct flow *flow)
{
	misquote(flow, PORTS, ANOTHER_PORT);
	port_unreachable(flow);
}

static void sequence_below(struct flow *flow)
{
	misquote(flow, SEQUENCE, BELOW);
	port_unreachable(flow);
}

static void sequence_beyond(struct flow *flow)
{
	misquote(flow, SEQUENCE, BEYOND);
	port_unreachable(flow);
}

static void cut_off(struct flow *flow)
{
	cut_quote(flow, 2);
	port_unreachable(flow);
}

static void bad_checksum(struct flow *flow)
{
	peer_sends_spoiled_error(flow, unreachable(), port());
}

static void unknown_type(struct flow *flow)
{
	peer_sends_error(flow, FROM_PEER, family() == AF_INET ? 44 : 200, 0, 0);
}

static void source_quench(struct flow *flow)
{
	peer_sends_error(flow, FROM_PEER, 4, 0, 0);
}

static void redirect(struct flow *flow)
{
	peer_sends_error(flow, FROM_ROUTER, 5, 1, UINT32_C(0xc0000202));
}

static const struct {
	const char *name;
	void (*send)(struct flow *flow);
} kinds[] = {
	{"source_port", another_source_port},
	{"destination_port", another_destination_port},
	{"sequence_below", sequence_below},
	{"sequence_beyond", sequence_beyond},
	{"cut_off", cut_off},
	{"checksum", bad_checksum},
	{"unknown_type", unknown_type},
	{"source_quench", source_quench},
	{"redirect", redirect},
};

static void show(const char *name, void (*send_error)(struct flow *flow))
{
	struct flow flow;
	struct flow misquoted;
	int s;

	step("%s", name);
	s = socket_with_packet(&flow);
	misquoted = flow;
	fence(NEAR);
	send_error(&misquoted);
	fence(FAR);
	see_so_error(s);
	if (flow.protocol == IPPROTO_TCP)
		see_tcp_state(s);
	else
		see_receive_now(BY_RECV, s, SHORT);
	step("%s: a right one", name);
	port_unreachable(&flow);
	fence(FAR);
	see_so_error(s);
	must(close(s));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (variant_is("kind", kinds[i].name))
			show(kinds[i].name, kinds[i].send);
	}
	return probe_end();
}
