/* SPDX-License-Identifier: Apache-2.0 */
/* What can be wrong about any call: its descriptor, its pointers, the address it is told. */
#include "faults.h"
#include "internal.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* --- descriptors ---------------------------------------------------------------------------------- */

static void closed(struct told *told)
{
	told->fd = open_socket(NEAR, type());
	must(close(told->fd));
}

static void never_opened(struct told *told)
{
	told->fd = KIT_FDS - 1;
}

static void minus_one(struct told *told)
{
	told->fd = -1;
}

static void huge(struct told *told)
{
	told->fd = INT_MAX;
}

static int open_file(int flags)
{
	return must(open("a-file", flags | O_CREAT | O_CLOEXEC, 0600));
}

static void file(struct told *told)
{
	told->fd = open_file(O_RDWR);
}

static void file_write_only(struct told *told)
{
	told->fd = open_file(O_WRONLY);
}

static void file_read_only(struct told *told)
{
	told->fd = open_file(O_RDONLY);
}

static void directory(struct told *told)
{
	told->fd = must(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static void pipe_end(struct told *told)
{
	int ends[2];

	must(pipe(ends));
	told->fd = ends[0];
}

static void null_device(struct told *told)
{
	told->fd = must(open("/dev/null", O_RDWR | O_CLOEXEC));
}

/* --- the process ---------------------------------------------------------------------------------- */

static struct rlimit usual;

static void no_descriptor_left(struct told *told)
{
	struct rlimit limit;

	(void)told;
	must(getrlimit(RLIMIT_NOFILE, &usual));
	limit = usual;
	limit.rlim_cur = (rlim_t)lowest_free_fd();
	must(setrlimit(RLIMIT_NOFILE, &limit));
}

static void allow_the_usual(const struct told *right)
{
	(void)right;
	must(setrlimit(RLIMIT_NOFILE, &usual));
}

/* --- pointers ------------------------------------------------------------------------------------- */

static void address_null(struct told *told)
{
	told->address = NULL;
}

static void address_inaccessible(struct told *told)
{
	told->address = inaccessible();
}

static void address_read_only(struct told *told)
{
	told->address = read_only();
}

static void address_cut_off(struct told *told)
{
	told->address = cut_off(told->name.bytes, sizeof told->name.any.sa_family + 1);
}

static void length_null(struct told *told)
{
	told->length = NULL;
}

static void length_inaccessible(struct told *told)
{
	told->length = inaccessible();
}

static void length_read_only(struct told *told)
{
	told->length = read_only();
}

static void data_null(struct told *told)
{
	told->data = NULL;
}

static void data_inaccessible(struct told *told)
{
	told->data = inaccessible();
}

static void data_read_only(struct told *told)
{
	told->data = read_only();
}

static void vector_null(struct told *told)
{
	told->vector = NULL;
}

static void vector_inaccessible(struct told *told)
{
	told->vector = inaccessible();
}

static void message_null(struct told *told)
{
	told->message = NULL;
}

static void message_inaccessible(struct told *told)
{
	told->message = inaccessible();
}

/* --- lengths and counts ----------------------------------------------------------------------------- */

static void length_one(struct told *told)
{
	told->name.length = 1;
}

/* The family and the port fit, the host does not. */
static void length_short(struct told *told)
{
	told->name.length = offsetof(struct sockaddr_in, sin_addr) + 3;
}

static void length_negative(struct told *told)
{
	told->name.length = (socklen_t)-1;
}

/* More than the longest address of any family. */
static void length_beyond(struct told *told)
{
	told->name.length = sizeof told->name.storage + 1;
}

static void parts_negative(struct told *told)
{
	told->parts = -1;
}

static void parts_too_many(struct told *told)
{
	told->parts = IOV_MAX + 1;
}

/* One part, the length of which is no ssize_t. */
static void parts_overflow(struct told *told)
{
	told->parts = 1;
	told->size = (size_t)SSIZE_MAX + 1;
}

/* --- families ----------------------------------------------------------------------------------------- */

/* The length grows where the other family's addresses are longer, so that it is not what is wrong. */
static void tell_family(struct told *told, int other)
{
	bool known = other == AF_INET || other == AF_INET6;
	struct name name = name_in(known ? other : told->name.any.sa_family, FAR, 9);

	name.any.sa_family = (sa_family_t)other;
	if (name.length < told->name.length)
		name.length = told->name.length;
	told->name = name;
}

static void family_other(struct told *told)
{
	tell_family(told, told->name.any.sa_family == AF_INET ? AF_INET6 : AF_INET);
}

static void family_unknown(struct told *told)
{
	tell_family(told, 9999);
}

static void family_unspec(struct told *told)
{
	tell_family(told, AF_UNSPEC);
}

/* --- paths -------------------------------------------------------------------------------------------- */

struct name path_name(const char *path)
{
	struct name name = {.un = {.sun_family = AF_UNIX}};
	size_t room = sizeof name.un.sun_path;

	if ((size_t)snprintf(name.un.sun_path, room, "%s", path) >= room)
		fault("the path %s is too long", path);
	name.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
	return name;
}

static void no_name(struct told *told)
{
	told->name = path_name("absent");
}

static void no_directory(struct told *told)
{
	told->name = path_name("absent/name");
}

static void not_a_directory(struct told *told)
{
	must(close(open_file(O_RDWR)));
	told->name = path_name("a-file/name");
}

static void trailing_slash(struct told *told)
{
	told->name.un.sun_path[strlen(told->name.un.sun_path)] = '/';
	told->name.length++;
}

static void link_loop(struct told *told)
{
	must(symlink("loop", "loop"));
	told->name = path_name("loop/name");
}

/* sun_path has no room for a component that is too long, so a symbolic link brings one in. */
static void long_component(struct told *told)
{
	char target[NAME_MAX + 2];

	memset(target, 'x', sizeof target - 1);
	target[sizeof target - 1] = '\0';
	must(symlink(target, "long"));
	told->name = path_name("long/name");
}

/* Its first byte is 0, and no other follows. */
static void empty_path(struct told *told)
{
	told->name = path_name("");
}

static void unsearchable(struct told *told)
{
	must(mkdir("closed", 0));
	told->name = path_name("closed/name");
}

static void remove_closed(const struct told *right)
{
	(void)right;
	must(rmdir("closed"));
}

/* --- finding and showing -------------------------------------------------------------------------------- */

/* --- destinations --------------------------------------------------------------------------------- */

static void unreachable(struct told *told)
{
	told->name = name_of(UNREACHABLE, 7);
}

static void rejected(struct told *told)
{
	told->name = name_of(REJECTED, 7);
}

static void broadcast(struct told *told)
{
	inet_pton(AF_INET, "127.255.255.255", &told->name.in.sin_addr);
}

/* The right address, of a socket that nobody may write to. */
static void unwritable(struct told *told)
{
	must(chmod(told->name.un.sun_path, 0400));
}

static void make_writable(const struct told *right)
{
	must(chmod(right->name.un.sun_path, 0600));
}

static const struct fault common[] = {
	{"unreachable", unreachable, NULL},
	{"rejected", rejected, NULL},
	{"broadcast", broadcast, NULL},
	{"unwritable", unwritable, make_writable},
	{"closed", closed, NULL},
	{"never_opened", never_opened, NULL},
	{"minus_one", minus_one, NULL},
	{"huge", huge, NULL},
	{"file", file, NULL},
	{"file_write_only", file_write_only, NULL},
	{"file_read_only", file_read_only, NULL},
	{"directory", directory, NULL},
	{"pipe", pipe_end, NULL},
	{"null_device", null_device, NULL},
	{"no_descriptor_left", no_descriptor_left, allow_the_usual},

	{"address_null", address_null, NULL},
	{"address_inaccessible", address_inaccessible, NULL},
	{"address_read_only", address_read_only, NULL},
	{"address_cut_off", address_cut_off, NULL},
	{"length_null", length_null, NULL},
	{"length_inaccessible", length_inaccessible, NULL},
	{"length_read_only", length_read_only, NULL},
	{"data_null", data_null, NULL},
	{"data_inaccessible", data_inaccessible, NULL},
	{"data_read_only", data_read_only, NULL},
	{"vector_null", vector_null, NULL},
	{"vector_inaccessible", vector_inaccessible, NULL},
	{"message_null", message_null, NULL},
	{"message_inaccessible", message_inaccessible, NULL},

	{"length_one", length_one, NULL},
	{"length_short", length_short, NULL},
	{"length_negative", length_negative, NULL},
	{"length_beyond", length_beyond, NULL},
	{"parts_negative", parts_negative, NULL},
	{"parts_too_many", parts_too_many, NULL},
	{"parts_overflow", parts_overflow, NULL},

	{"family_other", family_other, NULL},
	{"family_unknown", family_unknown, NULL},
	{"family_unspec", family_unspec, NULL},

	{"no_name", no_name, NULL},
	{"no_directory", no_directory, NULL},
	{"not_a_directory", not_a_directory, NULL},
	{"trailing_slash", trailing_slash, NULL},
	{"link_loop", link_loop, NULL},
	{"long_component", long_component, NULL},
	{"empty_path", empty_path, NULL},
	{"unsearchable", unsearchable, remove_closed},
};

static const struct fault *find_in(const struct fault *faults, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(faults[i].name, name))
			return &faults[i];
	}
	return NULL;
}

static const struct fault *find(const struct subject *subject, const char *name)
{
	const struct fault *found = find_in(subject->faults, subject->count, name);

	if (!found)
		found = find_in(common, COUNT(common), name);
	if (!found)
		fault("no fault of %s is named %s", subject->function, name);
	return found;
}

/* All that a failed call shall not change: names, listening, flags, the descriptors there are. */
static void look_at(int fd)
{
	if (fd >= 0) {
		see_both_names(fd);
		see_getsockopt(fd, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN);
		see_get_flags(fd);
	}
	note_number("lowest free descriptor", lowest_free_fd());
}

static void show(const struct subject *subject, const struct fault *fault)
{
	struct told right = subject->right();
	struct told wrong = right;

	fault->make(&wrong);
	step("%s: before", fault->name);
	look_at(wrong.fd);
	step("%s", fault->name);
	see_told(subject->function, &wrong);
	step("%s: after", fault->name);
	look_at(wrong.fd);
	if (subject->look)
		subject->look(true);
	if (fault->mend)
		fault->mend(&right);
	step("%s: without it", fault->name);
	see_told(subject->function, &right);
	if (subject->look)
		subject->look(false);
}

void show_faults(const struct subject *subject)
{
	const char *next = variant("wrong");
	char name[64];

	while (*next) {
		size_t length = strcspn(next, ",");

		snprintf(name, sizeof name, "%.*s", (int)length, next);
		show(subject, find(subject, name));
		next += length + (next[length] == ',');
	}
}
