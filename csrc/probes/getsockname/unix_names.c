/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a UNIX socket that is bound to a path, an abstract name, or one the kernel chooses. */
#include "kit.h"

#include <stdio.h>

static struct name path(void)
{
	return name_in(AF_UNIX, NEAR, 4711);
}

/* unix(7): sun_path begins with a null byte, and all `length` bytes count.  The name is the process's
 * own, since all of a host share these names. */
static struct name abstract(void)
{
	struct name name = {.un = {.sun_family = AF_UNIX}};
	int used = snprintf(name.un.sun_path + 1, sizeof name.un.sun_path - 1, "sockspec-%ld",
			    (long)getpid());

	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)used);
	return name;
}

/* unix(7), autobind: the family alone. */
static struct name chosen(void)
{
	return (struct name){.un = {.sun_family = AF_UNIX}, .length = sizeof(sa_family_t)};
}

static struct name name_of_variant(void)
{
	if (variant_is("name", "path"))
		return path();
	if (variant_is("name", "abstract"))
		return abstract();
	if (variant_is("name", "chosen"))
		return chosen();
	fault("name=%s is no kind of name", variant("name"));
}

int main(int argc, char **argv)
{
	struct name name;
	struct name server;
	int listener;
	int s;

	probe_begin(argc, argv);
	listener = open_bound(FAR, type());
	if (type() != SOCK_DGRAM)
		must(listen(listener, 1));
	server = name_of_socket(listener);

	step("bound");
	s = open_socket(NEAR, type());
	name = name_of_variant();
	if (see_bind(s, &name))
		unsupported("a UNIX socket with such a name", errno);
	name.length = sizeof name.storage;
	see_getsockname(s, &name);

	step("peer");
	must(connect(s, &server.any, server.length));
	if (type() == SOCK_DGRAM) {
		name.length = sizeof name.storage;
		must((int)send(s, "hello", 5, 0));
		see_recvfrom(listener, 64, 0, &name);
		return probe_end();
	}
	see_both_names(must(accept(listener, NULL, NULL)));
	return probe_end();
}
