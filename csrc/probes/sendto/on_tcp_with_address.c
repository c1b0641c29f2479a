/* SPDX-License-Identifier: Apache-2.0 */
/* sendto() and sendmsg() with an address on a connected TCP socket: the peer's, and another's. */
#include "kit.h"

#include <fcntl.h>

static void see_to(const char *whose, struct link link, const struct name *to)
{
	step("%s", whose);
	if (see_send(writer(), link.near, "hello", 5, 0, to) < 0)
		return;
	see_receive_soon(BY_RECV, link.far, 64);
	see_receive_now(BY_RECV, link.far, 64);
}

int main(int argc, char **argv)
{
	struct name nobody;
	struct name other;
	struct name peer;
	struct link link;
	int listener;

	probe_begin(argc, argv);
	link = open_stream_link();
	send_at_once(link.near);
	listener = open_listener(FAR, 8);
	must(fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK));
	peer = name_of_peer(link.near);
	other = name_of_socket(listener);
	nobody = refusing_name(FAR, SOCK_STREAM);
	see_to("to the peer", link, &peer);
	see_to("to another", link, &other);
	see_to("to nobody", link, &nobody);
	step("the other");
	see_accept(listener, NULL);
	step("the peer still");
	note_name("peer", &peer);
	see_getpeername(link.near, &peer);
	return probe_end();
}
