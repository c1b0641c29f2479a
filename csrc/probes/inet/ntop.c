/* SPDX-License-Identifier: Apache-2.0 */
/* inet_ntop() of the addresses that the job gives, into buffers of every length. */
#include "kit.h"

/* The most that a text needs, its zero included. */
static socklen_t text_max(void)
{
	return family() == AF_INET6 ? INET6_ADDRSTRLEN : INET_ADDRSTRLEN;
}

static void see(const unsigned char *address, size_t size)
{
	if (size != (family() == AF_INET6 ? 16 : 4))
		fault("an address of %zu bytes", size);
	for (socklen_t room = 0; room <= text_max() + 1; room++)
		see_inet_ntop(family(), address, room);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	each_bytes("address", see);
	return probe_end();
}
