/* SPDX-License-Identifier: Apache-2.0 */
/* A connection is closed, the FIN acknowledged, and the peer's FIN comes only when the time for it is over. */
#include "peer.h"

#include <netinet/tcp.h>

enum { PATIENCE_MS = 5000 };

static void limit_wait(int fd)
{
	int seconds = 1;

	if (variant_is("by", "sysctl"))
		set_sysctl("ipv4/tcp_fin_timeout", seconds);
	else
		must(setsockopt(fd, IPPROTO_TCP, TCP_LINGER2, &seconds, sizeof seconds));
}

/* Whether the kernel's table has a connection from this local port. */
static bool is_there(uint16_t port)
{
	FILE *table = fopen(family() == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
	char line[256];
	char wanted[16];
	bool found = false;

	if (!table)
		unavailable("the kernel's table of TCP connections", errno);
	snprintf(wanted, sizeof wanted, ":%04X ", (unsigned)port);
	while (!found && fgets(line, sizeof line, table))
		found = strstr(line, wanted) != NULL;
	fclose(table);
	return found;
}

static void await_gone(uint16_t port)
{
	int64_t end = now_ns() + PATIENCE_MS * INT64_C(1000000);

	while (is_there(port) && now_ns() < end)
		usleep(5000);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	limit_wait(fd);
	see_close(fd);
	peer_gets(&flow, FIN);
	peer_sends(&flow, ACK);
	fence(FAR);
	waits("a limit of 1 s is the shortest for the peer's FIN");
	await_gone(port_of(&flow.near));
	fence(NEAR);
	step("FIN");
	peer_sends(&flow, FIN | ACK);
	fence(FAR);
	fence(NEAR);
	return probe_end();
}
