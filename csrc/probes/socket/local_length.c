/* SPDX-License-Identifier: Apache-2.0 */
/* Absolute path names that just fit into a UNIX address, with and without the zero byte at their end. */
#include "kit.h"

#include <poll.h>

enum { ROOM = sizeof((struct sockaddr_un *)0)->sun_path, PATIENCE_MS = 2000 };

/* A path name of `size` bytes and a zero, with other bytes behind it. */
static struct name long_name(size_t size)
{
	struct name folder = absolute_name("");
	struct name name = name_filled('x', sizeof name.storage);
	unsigned char *path = name.bytes + offsetof(struct sockaddr_un, sun_path);
	size_t used = strlen(folder.un.sun_path);

	if (used + 1 > size)
		unavailable("a folder whose name is short", ENAMETOOLONG);
	name.any.sa_family = AF_UNIX;
	memcpy(path, folder.un.sun_path, used);
	memset(path + used, 'n', size - used);
	path[size] = '\0';
	return name;
}

static void reach(const struct name *name, int server)
{
	int client = open_socket_in(AF_UNIX, NEAR, type(), 0);

	if (see_connect(client, name))
		return;
	see_speak(client, 1);
	if (type() != SOCK_DGRAM) {
		see_poll(server, POLLIN, PATIENCE_MS);
		server = see_accept(server, NULL);
	}
	see_arrival(server, SAID);
}

/* A name of `size` bytes, in an address with `told` bytes for it. */
static void use(const char *what, size_t size, size_t told)
{
	struct name name = long_name(size);
	struct name bound = name_filled(0, sizeof bound.storage);
	int s = open_socket_in(AF_UNIX, NEAR, type(), 0);

	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + told);
	step("%s", what);
	note_text("path", (const char *)name.bytes + offsetof(struct sockaddr_un, sun_path));
	if (see_bind(s, &name))
		return;
	see_getsockname(s, &bound);
	if (type() != SOCK_DGRAM)
		must(listen(s, 1));
	reach(&name, s);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	use("a zero at its end", ROOM - 2, ROOM - 1);
	use("the length ends with it", ROOM - 3, ROOM - 3);
	use("bytes behind the zero", ROOM - 4, ROOM);
	use("a zero as the last byte", ROOM - 1, ROOM);
	use("no room for a zero", ROOM, ROOM);
	use("one byte too long", ROOM + 1, ROOM + 1);
	return probe_end();
}
