/* SPDX-License-Identifier: Apache-2.0 */
/* SO_KEEPALIVE and the times of keep-alive, as a new socket has them, and as they were set. */
#include "kit.h"

#include <netinet/tcp.h>

int main(int argc, char **argv)
{
	int fd;

	probe_begin(argc, argv);
	fd = open_socket(NEAR, SOCK_STREAM);
	step("new");
	see_getsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE);
	step("on");
	see_setsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, 1);
	see_getsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE);
	step("off");
	see_setsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE, 0);
	see_getsockopt(fd, SOL_SOCKET, "SO_KEEPALIVE", SO_KEEPALIVE);
#ifdef TCP_KEEPIDLE
	step("idle time");
	see_getsockopt(fd, IPPROTO_TCP, "TCP_KEEPIDLE", TCP_KEEPIDLE);
#endif
	return probe_end();
}
