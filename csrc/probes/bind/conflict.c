/* SPDX-License-Identifier: Apache-2.0 */
/* bind() to a port that another socket has, at the same address or another, with and without reuse. */
#include "kit.h"

/* What is set before bind(), and on which of the two sockets. */
struct use {
	const char *words;
	int option;
	bool first;
	bool second;
};

static const struct use uses[] = {
	{"nothing set", 0, false, false},
	{"SO_REUSEADDR on the first", SO_REUSEADDR, true, false},
	{"SO_REUSEADDR on the second", SO_REUSEADDR, false, true},
	{"SO_REUSEADDR on both", SO_REUSEADDR, true, true},
#ifdef SO_REUSEPORT
	{"SO_REUSEPORT on the first", SO_REUSEPORT, true, false},
	{"SO_REUSEPORT on the second", SO_REUSEPORT, false, true},
	{"SO_REUSEPORT on both", SO_REUSEPORT, true, true},
#endif
};

/* An IPv4 address of this host's that is not the near host's of the stage. */
static struct name other_inet(void)
{
	struct name name = name_in(AF_INET, WILDCARD, 0);

	name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (strcmp(stage(), "pair") ? 1 : 0));
	return name;
}

static struct name loopback_inet6(void)
{
	struct name name = name_in(AF_INET6, WILDCARD, 0);

	name.in6.sin6_addr = in6addr_loopback;
	return name;
}

/* The addresses by the variants' words; the last character is the socket's version of IP.  any and only
 * are the wildcard, for both versions and for IPv6 alone; v4in6 is the IPv4 address one4 in IPv6. */
static struct name name_by(const char *word)
{
	struct name one = name_in(AF_INET, NEAR, 0);

	if (!strcmp(word, "any4"))
		return name_in(AF_INET, WILDCARD, 0);
	if (!strcmp(word, "any6") || !strcmp(word, "only6"))
		return name_in(AF_INET6, WILDCARD, 0);
	if (!strcmp(word, "one4"))
		return one;
	if (!strcmp(word, "one6"))
		return name_in(AF_INET6, NEAR, 0);
	if (!strcmp(word, "other4"))
		return other_inet();
	if (!strcmp(word, "other6"))
		return loopback_inet6();
	if (!strcmp(word, "v4in6"))
		return name_mapped(&one);
	fault("no address is called %s", word);
}

static void set(int s, int level, int option, int value)
{
	must(setsockopt(s, level, option, &value, sizeof value));
}

static int open_for(const char *word, const struct name *name, int option)
{
	int s = open_socket_in(name->any.sa_family, NEAR, type(), 0);

	if (name->any.sa_family == AF_INET6)
		set(s, IPPROTO_IPV6, IPV6_V6ONLY, !strcmp(word, "only6"));
	if (option)
		set(s, SOL_SOCKET, option, 1);
	return s;
}

/* Whether the target knows the option at all. */
static bool is_offered(int option)
{
	_cleanup_fd_ int s = open_socket_in(AF_INET, NEAR, type(), 0);
	int on = 1;

	return !option || !setsockopt(s, SOL_SOCKET, option, &on, sizeof on);
}

/* A server on the other host, in the version of IP that the address belongs to, and `s` connected to it.
 * The server is returned; when it is closed the connection is reset. */
static int connect_from(int s, const struct name *own)
{
	bool is_mapped =
		own->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&own->in6.sin6_addr);
	int family = is_mapped ? AF_INET : own->any.sa_family;
	int far = open_socket_in(family, FAR, type(), 0);
	struct name name = name_in(family, FAR, 0);

	must(bind(far, &name.any, name.length));
	if (type() == SOCK_STREAM)
		must(listen(far, 1));
	name = name_of_socket(far);
	if (is_mapped)
		name = name_mapped(&name);
	must(connect(s, &name.any, name.length));
	return far;
}

static void see_second(const struct use *use, const char *state)
{
	const char *words[] = {variant("first"), variant("second")};
	struct name names[] = {name_by(words[0]), name_by(words[1])};
	_cleanup_fd_ int first = open_for(words[0], &names[0], use->first ? use->option : 0);
	_cleanup_fd_ int second = open_for(words[1], &names[1], use->second ? use->option : 0);
	int far = -1;
	struct name own;

	step("%s, %s", state, use->words);
	must(bind(first, &names[0].any, names[0].length));
	if (!strcmp(state, "listening"))
		must(listen(first, 1));
	if (!strcmp(state, "connected"))
		far = connect_from(first, &names[0]);
	own = name_of_socket(first);
	note_name("first", &own);
	set_port(&names[1], port_of(&own));
	see_bind(second, &names[1]);
	cleanup_fd(&far); /* before the first is closed, so that no TIME-WAIT stays */
}

/* The option as it is before anything was set, and a port that nobody has. */
static void see_no_conflict(void)
{
	const char *words[] = {variant("first"), variant("second")};
	struct name names[] = {name_by(words[0]), name_by(words[1])};
	_cleanup_fd_ int first = open_for(words[0], &names[0], 0);
	_cleanup_fd_ int second = open_for(words[1], &names[1], 0);

	step("another port");
	see_getsockopt(first, SOL_SOCKET, "SO_REUSEADDR", SO_REUSEADDR);
	must(bind(first, &names[0].any, names[0].length));
	see_bind(second, &names[1]);
}

int main(int argc, char **argv)
{
	static const char *const states[] = {"bound", "connected", "listening"};
	size_t count;

	probe_begin(argc, argv);
	see_no_conflict();
	count = type() == SOCK_STREAM ? 3 : 2;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < sizeof uses / sizeof *uses; k++) {
			if (is_offered(uses[k].option))
				see_second(&uses[k], states[i]);
		}
	}
	return probe_end();
}
