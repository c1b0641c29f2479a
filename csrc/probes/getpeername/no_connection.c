/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() and getsockname() on a socket without a connection: fresh, bound, listening, ... */
#include "kit.h"

#include <poll.h>

static void see_listener(int listener)
{
	struct name name = name_of_socket(listener);
	int client;

	step("listening");
	must(listen(listener, 4));
	see_both_names(listener);

	step("a client in the queue");
	client = open_socket(FAR, type());
	must(connect(client, &name.any, name.length));
	await_poll(listener, POLLIN);
	see_both_names(listener);

	step("a client accepted");
	must(accept(listener, NULL, NULL));
	see_both_names(listener);
}

static void see_refused(void)
{
	struct name nobody = refusing_name(FAR, type());
	int s = open_socket(NEAR, type());

	step("refused");
	see_connect(s, &nobody);
	see_both_names(s);
}

int main(int argc, char **argv)
{
	struct name name;
	int s;

	probe_begin(argc, argv);
	step("fresh");
	s = open_socket(NEAR, type());
	see_both_names(s);

	step("bound");
	s = open_bound(NEAR, type());
	see_both_names(s);
	name = name_of_socket(s);
	note_name("bound", &name);

	if (type() == SOCK_DGRAM)
		return probe_end();
	see_listener(s);
	if (type() == SOCK_STREAM)
		see_refused();
	return probe_end();
}
