/* SPDX-License-Identifier: Apache-2.0 */
/* connect() before there is a server, or after it has gone, and again by a new client once it is up. */
#include "kit.h"

static int server;

/* server=none: nothing has the name.  server=gone: a listening socket had it, and was closed. */
static struct name name_of_variant(void)
{
	struct name name;

	if (variant_is("server", "gone"))
		server = open_listener(FAR, 1);
	else
		server = open_bound(FAR, SOCK_STREAM);
	name = name_of_socket(server);
	close(server);
	if (family() == AF_UNIX && variant_is("server", "none"))
		must(unlink(name.un.sun_path));
	return name;
}

static void start_server(const struct name *name)
{
	if (family() == AF_UNIX && variant_is("server", "gone"))
		must(unlink(name->un.sun_path));
	server = open_socket(FAR, SOCK_STREAM);
	must(bind(server, &name->any, name->length));
	must(listen(server, 1));
}

int main(int argc, char **argv)
{
	struct name name;
	int s;

	probe_begin(argc, argv);
	name = name_of_variant();

	step("without a server");
	s = open_socket(NEAR, SOCK_STREAM);
	see_connect(s, &name);
	see_so_error(s);
	fence(NEAR);
	must(close(s));

	step("with a server");
	start_server(&name);
	s = open_socket(NEAR, SOCK_STREAM);
	see_connect(s, &name);
	see_accept(server, NULL);
	return probe_end();
}
