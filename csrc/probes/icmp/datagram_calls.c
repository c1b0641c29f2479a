/* SPDX-License-Identifier: Apache-2.0 */
/* A connected UDP socket with a pending error, and the first and the second call that could tell of it. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>

enum { SHORT = 32 };

static unsigned char data[SHORT];

static void by_poll(int s)
{
	see_poll(s, POLLIN | POLLOUT, 0);
}

static void by_so_error(int s)
{
	see_so_error(s);
}

static void by_reader(int s)
{
	for (enum reader by = BY_READ; by <= BY_RECVMSG; by++) {
		if (variant_is("by", reader_name(by)))
			see_receive(by, s, SHORT, 0);
	}
}

static void by_writer(int s)
{
	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++) {
		if (variant_is("by", writer_name(by)))
			see_send(by, s, data, sizeof data, 0, NULL);
	}
}

static void call(int s)
{
	if (variant_is("by", "poll"))
		by_poll(s);
	else if (variant_is("by", "so_error"))
		by_so_error(s);
	by_reader(s);
	by_writer(s);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int s;

	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 1);
	s = open_datagrams(&flow, false);
	must(fcntl(s, F_SETFL, O_NONBLOCK));
	see_connect(s, &flow.far);
	see_send(BY_SEND, s, data, sizeof data, 0, NULL);
	peer_gets_datagram(&flow);
	if (family() == AF_INET)
		peer_sends_error(&flow, FROM_PEER, 3, 3, 0);
	else
		peer_sends_error(&flow, FROM_PEER, 1, 4, 0);
	fence(FAR);
	step("first");
	fence(NEAR);
	call(s);
	fence(NEAR);
	step("second");
	call(s);
	step("after");
	see_so_error(s);
	return probe_end();
}
