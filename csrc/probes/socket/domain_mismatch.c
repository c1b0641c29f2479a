/* SPDX-License-Identifier: Apache-2.0 */
/* bind(), connect() and sendto() are given the address of a socket of another domain, or a cut one. */
#include "kit.h"

enum { UNIX_NAME = 4711 };

/* A socket of the other domain that could be reached, and its name. */
static struct name reachable(int domain)
{
	int s = open_socket_in(domain, FAR, type(), 0);
	struct name name = name_in(domain, FAR, domain == AF_UNIX ? UNIX_NAME : 0);

	must(bind(s, &name.any, name.length));
	if (type() == SOCK_STREAM)
		must(listen(s, 8));
	return name_of_socket(s);
}

static void look_at(int s)
{
	see_both_names(s);
	see_close(s);
}

static void try_bind(const char *what, const struct name *name)
{
	int s = open_socket(NEAR, type());

	step("bind %s", what);
	see_bind(s, name);
	look_at(s);
}

static void try_connect(const char *what, const struct name *name)
{
	int s = open_socket(NEAR, type());

	step("connect %s", what);
	see_connect(s, name);
	look_at(s);
}

static void try_sendto(const char *what, const struct name *name)
{
	int s = open_socket(NEAR, type());

	if (type() == SOCK_STREAM)
		return;
	step("sendto %s", what);
	see_send(BY_SENDTO, s, "hello", 5, 0, name);
	see_close(s);
}

static void try_all(const char *what, const struct name *own, const struct name *peer)
{
	try_bind(what, own);
	try_connect(what, peer);
	try_sendto(what, peer);
}

/* With its own length, and with one that is enough for the right domain. */
static void other_domain(const char *what, int domain)
{
	struct name own = name_in(domain, NEAR, 0);
	struct name peer = reachable(domain);
	char long_too[64];

	try_all(what, &own, &peer);
	snprintf(long_too, sizeof long_too, "%s, long", what);
	own.length = domain == AF_UNIX ? sizeof own.un : sizeof own.storage;
	peer.length = own.length;
	try_all(long_too, &own, &peer);
}

/* connect() to AF_UNSPEC is how a program takes an association back, and no address. */
static void no_domain(const struct name *peer)
{
	struct name own = name_of(NEAR, 0);
	struct name any = name_of(WILDCARD, 0);
	struct name to = *peer;

	own.any.sa_family = AF_UNSPEC;
	any.any.sa_family = AF_UNSPEC;
	to.any.sa_family = AF_UNSPEC;
	try_bind("AF_UNSPEC", &own);
	try_bind("AF_UNSPEC wildcard", &any);
	try_sendto("AF_UNSPEC", &to);
}

/* The lengths end in the family, the port, the address; or, with the scope left out, after it. */
static void cut_short(const struct name *peer)
{
	socklen_t whole = family() == AF_INET ? offsetof(struct sockaddr_in, sin_zero)
					      : offsetof(struct sockaddr_in6, sin6_scope_id);
	const socklen_t lengths[] = {0, 1, 2, 3, 4, whole - 1};
	struct name own = name_of(NEAR, 0);
	struct name to = *peer;
	char what[32];

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		snprintf(what, sizeof what, "%d bytes", (int)lengths[i]);
		own.length = lengths[i];
		to.length = lengths[i];
		try_bind(what, &own);
		try_connect(what, &to);
		if (lengths[i]) /* no address at all is another matter */
			try_sendto(what, &to);
	}
}

int main(int argc, char **argv)
{
	struct name own;
	struct name peer;

	probe_begin(argc, argv);
	peer = reachable(family());
	own = name_of(NEAR, 0);
	other_domain("the other IP version", family() == AF_INET ? AF_INET6 : AF_INET);
	other_domain("AF_UNIX", AF_UNIX);
	no_domain(&peer);
	cut_short(&peer);
	try_all("its own", &own, &peer);
	return probe_end();
}
