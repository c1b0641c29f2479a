/* SPDX-License-Identifier: Apache-2.0 */
/* A UNIX socket's absolute path name is a file's: made by bind(), there until it is unlinked. */
#include "kit.h"

#include <fcntl.h>
#include <poll.h>

enum { PATIENCE_MS = 2000 };

static int bind_new(const struct name *name)
{
	int s = open_socket_in(AF_UNIX, NEAR, type(), 0);

	see_bind(s, name);
	return s;
}

static int open_server(const struct name *name)
{
	int s = bind_new(name);

	if (type() != SOCK_DGRAM)
		must(listen(s, 8));
	return s;
}

/* What server gets of it, if the client gets there. */
static void reach(const struct name *name, int server, unsigned seed)
{
	int client = open_socket_in(AF_UNIX, NEAR, type(), 0);

	if (see_connect(client, name))
		return;
	see_speak(client, seed);
	if (type() != SOCK_DGRAM) {
		see_poll(server, POLLIN, PATIENCE_MS);
		server = see_accept(server, NULL);
	}
	see_arrival(server, SAID);
}

static void make_file(const char *path)
{
	close(must(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600)));
}

int main(int argc, char **argv)
{
	struct name name;
	struct name short_name = {.un = {.sun_family = AF_UNIX, .sun_path = "server"}};
	struct name inside;
	struct name nowhere;
	struct name file;
	int server;

	probe_begin(argc, argv);
	name = absolute_name("server");
	file = absolute_name("file");
	inside = absolute_name("file/server");
	nowhere = absolute_name("none/server");
	short_name.length = sizeof short_name.un;
	make_file(file.un.sun_path);

	step("before");
	see_stat(name.un.sun_path);
	reach(&name, -1, 0);
	step("bound");
	server = open_server(&name);
	see_stat(name.un.sun_path);
	reach(&name, server, 1);
	step("bound again");
	bind_new(&name);
	step("by the file's relative name");
	reach(&short_name, server, 2);
	step("elsewhere, by the absolute name");
	must(chdir("/"));
	reach(&name, server, 3);
	step("elsewhere, by the relative name");
	reach(&short_name, server, 4);
	step("closed");
	see_close(server);
	see_stat(name.un.sun_path);
	reach(&name, -1, 5);
	step("bound to what was left");
	bind_new(&name);
	step("unlinked");
	see_unlink(name.un.sun_path);
	see_stat(name.un.sun_path);
	reach(&name, -1, 6);
	step("bound anew");
	server = open_server(&name);
	reach(&name, server, 7);
	step("a file that is no socket");
	bind_new(&file);
	reach(&file, -1, 8);
	step("in a file that is no folder");
	bind_new(&inside);
	reach(&inside, -1, 9);
	step("in a folder that is not there");
	bind_new(&nowhere);
	reach(&nowhere, -1, 10);
	return probe_end();
}
