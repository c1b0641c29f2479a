/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() and getsockname() on a TCP socket in each state of a handshake. */
#include "kit.h"

#include <poll.h>

/* The client's SYN is lost, so that it stays in SYN-SENT.  Then a SYN comes from its server, as if
 * the two had crossed (RFC 9293, 3.5, figure 7), and the ACK of the client's answer is lost: it
 * stays in SYN-RECEIVED, until data from the server brings another ACK. */
int main(int argc, char **argv)
{
	struct silent server;
	int far;
	int s;

	probe_begin(argc, argv);
	server = open_silent();
	note_name("server", &server.name);
	s = open_socket(NEAR, SOCK_STREAM | SOCK_NONBLOCK);

	step("SYN sent");
	see_connect(s, &server.name);
	see_tcp_state(s);
	see_both_names(s);

	step("SYN received");
	lose_acks(s);
	far = call_back(&server, s);
	see_poll(s, POLLOUT, 0);
	see_tcp_state(s);
	see_both_names(s);

	step("established");
	lose_nothing(s);
	send_all(far, "hello", 5);
	await_poll(s, POLLOUT);
	see_tcp_state(s);
	see_both_names(s);
	return probe_end();
}
