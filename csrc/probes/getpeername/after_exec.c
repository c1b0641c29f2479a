/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() in a program that was executed on the connection that its process accepted. */
#include "kit.h"

#include <fcntl.h>

static void accept_and_exec(struct child *server, void *argument)
{
	const int *listener = argument;
	int accepted = see_accept(*listener, NULL);

	must(fcntl(*listener, F_SETFD, FD_CLOEXEC));
	exec_child(server, "service", accepted);
}

static void serve(void)
{
	see_both_names(inherited_fd());
	see_speak(inherited_fd(), 1);
	if (variant_is("process", "child"))
		_exit(EXIT_SUCCESS);
}

/* process=same: the probe itself is replaced; process=child: a process that it forked. */
int main(int argc, char **argv)
{
	struct child server;
	struct name name;
	int listener;
	int client;

	probe_begin(argc, argv);
	if (role_is("service")) {
		serve();
		return probe_end();
	}
	listener = open_listener(NEAR, 1);
	name = name_of_socket(listener);
	note_name("server", &name);
	client = open_bound(FAR, SOCK_STREAM);
	must(connect(client, &name.any, name.length));
	name = name_of_socket(client);
	note_name("client", &name);
	if (variant_is("process", "same"))
		exec_self("service", see_accept(listener, NULL));
	child_start(&server, "server", accept_and_exec, &listener);
	child_join(&server);
	see_arrival(client, SAID);
	return probe_end();
}
