/* SPDX-License-Identifier: Apache-2.0 */
/* Data that a socket has taken and not sent yet when shutdown() closes its sending direction. */
#include "kit.h"

#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

enum { PIECE = 4096 };

/* TCP: bytes that were never on the wire; UDP: memory of datagrams that have not gone out. */
static void note_unsent(int fd)
{
	int unsent = 0;

#ifdef SIOCOUTQNSD
	if (type() == SOCK_STREAM)
		must(ioctl(fd, SIOCOUTQNSD, &unsent));
	else
#endif
		must(ioctl(fd, TIOCOUTQ, &unsent));
	note_number("unsent", unsent);
}

/* The kernel is told to hold back what it is given, as for a larger segment or datagram. */
static void cork(int fd, int on)
{
	bool stream = type() == SOCK_STREAM;

	if (setsockopt(fd, stream ? IPPROTO_TCP : IPPROTO_UDP, stream ? TCP_CORK : UDP_CORK, &on,
		       sizeof on))
		unavailable("TCP_CORK or UDP_CORK, which holds data back", errno);
}

/* why=full: the peer takes no more.  why=corked: the kernel waits for more. */
static size_t send_some(const struct link *link)
{
	unsigned char words[SAID];

	if (variant_is("why", "full"))
		return fill_link(link, PIECE);
	cork(link->near, 1);
	pattern_fill(words, sizeof words, 0, 0);
	send_all(link->near, words, sizeof words);
	return sizeof words;
}

int main(int argc, char **argv)
{
	bool corked_datagram;
	struct link link;
	struct name name;
	size_t sent;

	probe_begin(argc, argv);
	corked_datagram = type() == SOCK_DGRAM;
	link = variant_is("why", "full") ? open_narrow_link(type()) : open_link(type());
	name = name_of_socket(link.near);
	note_name("near", &name);
	name = name_of_peer(link.near);
	note_name("near: peer", &name);
	sent = send_some(&link);
	note_number("sent", (int64_t)sent);
	note_unsent(link.near);
	fence(NEAR);
	step("shutdown");
	see_shutdown(link.near, SHUT_WR);
	if (corked_datagram)
		cork(link.near, 0);
	step("the peer");
	see_drain(BY_RECV, link.far, sent);
	fence(NEAR);
	step("the end");
	if (corked_datagram)
		see_receive_now(BY_RECV, link.far, SAID);
	else
		see_arrival(link.far, SAID);
	fence(NEAR);
	return probe_end();
}
