/* SPDX-License-Identifier: Apache-2.0 */
/* socket() is given TCP or UDP for a type or a domain that is not the protocol's, and for its own. */
#include "kit.h"

static void try(const char *what, int domain, int type, int protocol)
{
	int s;

	step("%s", what);
	s = see_socket(domain, type, protocol);
	if (s >= 0)
		see_close(s);
}

int main(int argc, char **argv)
{
	bool tcp;
	int protocol;
	int own;
	int other;

	probe_begin(argc, argv);
	tcp = variant_is("protocol", "tcp");
	if (!tcp && !variant_is("protocol", "udp"))
		fault("protocol=%s is not one of its choices", variant("protocol"));
	protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	own = tcp ? SOCK_STREAM : SOCK_DGRAM;
	other = tcp ? SOCK_DGRAM : SOCK_STREAM;
	try("AF_INET, its own type", AF_INET, own, protocol);
	try("AF_INET, another type", AF_INET, other, protocol);
	try("AF_INET, SOCK_SEQPACKET", AF_INET, SOCK_SEQPACKET, protocol);
	try("AF_INET6, its own type", AF_INET6, own, protocol);
	try("AF_INET6, another type", AF_INET6, other, protocol);
	try("AF_INET6, SOCK_SEQPACKET", AF_INET6, SOCK_SEQPACKET, protocol);
	try("AF_UNIX, its own type", AF_UNIX, own, protocol);
	try("AF_UNIX, another type", AF_UNIX, other, protocol);
	return probe_end();
}
