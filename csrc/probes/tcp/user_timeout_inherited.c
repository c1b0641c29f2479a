/* SPDX-License-Identifier: Apache-2.0 */
/* TCP_USER_TIMEOUT of a listener, and of the socket that it accepts. */
#include "kit.h"

#include <netinet/tcp.h>

enum { LIMIT_MS = 12345 };

int main(int argc, char **argv)
{
	struct name name;
	int listener;
	int accepted;

	probe_begin(argc, argv);
	listener = open_listener(NEAR, 1);
	name = name_of_socket(listener);
#ifdef TCP_USER_TIMEOUT
	see_setsockopt(listener, IPPROTO_TCP, "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT, LIMIT_MS);
#else
	unsupported("TCP_USER_TIMEOUT", 0);
#endif
	must(connect(open_socket(FAR, SOCK_STREAM), &name.any, name.length));
	accepted = must(accept(listener, NULL, NULL));
#ifdef TCP_USER_TIMEOUT
	see_getsockopt(accepted, IPPROTO_TCP, "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT);
#endif
	return probe_end();
}
