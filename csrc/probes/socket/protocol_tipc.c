/* SPDX-License-Identifier: Apache-2.0 */
/* socket() is given IPPROTO_TIPC, if there is such a name; and AF_TIPC, by which TIPC is had elsewhere. */
#include "kit.h"

static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};

static void open_each(const char *what, int domain, int protocol)
{
	step("%s", what);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		see_socket(domain, types[i], protocol);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
#ifdef IPPROTO_TIPC
	note_text("IPPROTO_TIPC", "declared");
	open_each("IPPROTO_TIPC, AF_INET", AF_INET, IPPROTO_TIPC);
#ifdef AF_TIPC
	open_each("IPPROTO_TIPC, AF_TIPC", AF_TIPC, IPPROTO_TIPC);
#endif
#else
	note_text("IPPROTO_TIPC", "not declared");
#endif
#ifdef AF_TIPC
	open_each("AF_TIPC", AF_TIPC, 0);
#endif
	return probe_end();
}
