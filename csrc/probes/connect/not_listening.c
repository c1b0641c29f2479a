/* SPDX-License-Identifier: Apache-2.0 */
/* connect() to a server's socket that is bound and does not listen yet, and again once it does. */
#include "kit.h"

#include <poll.h>

int main(int argc, char **argv)
{
	struct name name;
	int server;
	int s;

	probe_begin(argc, argv);
	server = open_bound(FAR, SOCK_STREAM);
	name = name_of_socket(server);

	step("bound");
	s = open_socket(NEAR, SOCK_STREAM);
	see_connect(s, &name);
	fence(NEAR);
	must(close(s));

	step("listen");
	see_listen(server, 1);
	see_poll(server, POLLIN, 0); /* whether the attempt from before was kept */

	step("listening");
	s = open_socket(NEAR, SOCK_STREAM);
	see_connect(s, &name);
	await_poll(server, POLLIN);
	see_poll(server, POLLIN, 0);
	return probe_end();
}
