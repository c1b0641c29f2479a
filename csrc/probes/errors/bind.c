/* SPDX-License-Identifier: Apache-2.0 */
/* bind() that is told something wrong, or at the wrong time. */
#include "faults.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/stat.h>

/* --- addresses ----------------------------------------------------------------------------------- */

static void in_use(struct told *told)
{
	told->name = name_of_socket(open_bound(NEAR, type()));
}

/* An address of the documentation ranges, which no host has. */
static void not_local(struct told *told)
{
	if (family() == AF_INET)
		inet_pton(AF_INET, "203.0.113.1", &told->name.in.sin_addr);
	else
		inet_pton(AF_INET6, "2001:db8:3::1", &told->name.in6.sin6_addr);
}

/* Where the privileged ports end is a setting of Linux; elsewhere it is a constant. */
static long first_unprivileged_port(void)
{
	FILE *setting = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	char text[16] = "";

	if (!setting)
		return IPPORT_RESERVED;
	if (!fgets(text, sizeof text, setting))
		fault("ip_unprivileged_port_start cannot be read");
	fclose(setting);
	return strtol(text, NULL, 10);
}

static void privileged(struct told *told)
{
	note_number("first unprivileged port", first_unprivileged_port());
	set_port(&told->name, 1);
}

static void symbolic_link(struct told *told)
{
	must(symlink("absent", "link"));
	told->name = path_name("link");
}

static void unwritable(struct told *told)
{
	must(mkdir("read-only", 0500));
	told->name = path_name("read-only/name");
}

static void remove_read_only(const struct told *right)
{
	(void)right;
	must(rmdir("read-only"));
}

/* --- states --------------------------------------------------------------------------------------- */

static void bound(struct told *told)
{
	told->fd = open_bound(NEAR, type());
}

static void connected(struct told *told)
{
	told->fd = open_link(type()).near;
}

static void shut_down(struct told *told)
{
	connected(told);
	must(shutdown(told->fd, SHUT_RDWR));
}

static const struct fault faults[] = {
	{"in_use", in_use, NULL},
	{"not_local", not_local, NULL},
	{"privileged", privileged, NULL},
	{"symbolic_link", symbolic_link, NULL},
	{"unwritable", unwritable, remove_read_only},
	{"bound", bound, NULL},
	{"connected", connected, NULL},
	{"shut_down", shut_down, NULL},
};

static struct told right(void)
{
	static uint16_t last = 2000;
	struct told told = told_of(open_socket(NEAR, type()));

	told.name = name_of(NEAR, family() == AF_UNIX ? ++last : 0);
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"bind", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
