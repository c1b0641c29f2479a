/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's frame: variant, stage, roles, capabilities. */
#include "internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

enum { VARIANTS_MAX = 32, ROLE_WORDS = 4 };

static char **words;
static int word_count;
static const char *role;
static int fd_of_role = -1;
static int meet_fd_of_role = -1;
static const char *program;

static const char *value_of(const char *name)
{
	size_t length = strlen(name);

	for (int i = 1; i < word_count; i++) {
		if (!strncmp(words[i], name, length) && words[i][length] == '=')
			return words[i] + length + 1;
	}
	return NULL;
}

const char *variant_or(const char *name, const char *otherwise)
{
	const char *value = value_of(name);

	return value ? value : otherwise;
}

const char *variant(const char *name)
{
	const char *value = value_of(name);

	if (!value)
		fault("the variant lacks %s=VALUE", name);
	return value;
}

bool variant_is(const char *name, const char *value)
{
	return !strcmp(variant(name), value);
}

enum { ITEM_MAX = 255 };

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit ? strchr(digits, digit | 0x20) : NULL;

	return found && isxdigit((unsigned char)digit) ? (int)(found - digits) : -1;
}

/* The byte that two digits are; anything else is a fault. */
static char hex_byte(const char *digits)
{
	int high = hex_digit(digits[0]);
	int low = high < 0 ? -1 : hex_digit(digits[1]);

	if (low < 0)
		fault("the variant has \"%.2s\" where two hexadecimal digits have to be", digits);
	return (char)(high << 4 | low);
}

/* Decodes one item of a list; returns what ends it, a comma or the list's end. */
static const char *take_text(const char *at, char text[ITEM_MAX + 1])
{
	size_t used = 0;

	while (*at && *at != ',' && used < ITEM_MAX) {
		text[used] = *at == '%' ? hex_byte(at + 1) : *at;
		at += *at == '%' ? 3 : 1;
		if (!text[used++])
			fault("a text of the variant has a byte 0");
	}
	if (*at && *at != ',')
		fault("a text of the variant is longer than %d bytes", ITEM_MAX);
	text[used] = '\0';
	return at;
}

void each_text(const char *name, void (*work)(const char *text))
{
	const char *at = variant(name);
	char text[ITEM_MAX + 1];

	do {
		at = take_text(at, text);
		work(text);
	} while (*at++);
}

void each_bytes(const char *name, void (*work)(const unsigned char *bytes, size_t size))
{
	unsigned char bytes[ITEM_MAX];

	for (const char *at = variant(name); *at; at += *at == ',') {
		size_t size = 0;

		for (; *at && *at != ',' && size < sizeof bytes; at += 2)
			bytes[size++] = (unsigned char)hex_byte(at);
		if (*at && *at != ',')
			fault("an item of the variant's %s is too long", name);
		work(bytes, size);
	}
}

long variant_number(const char *name)
{
	const char *text = variant(name);
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end)
		fault("the variant's %s=%s is not a number", name, text);
	return value;
}

static long chosen(const char *name, const char *const *choices, size_t count)
{
	const char *value = variant(name);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(value, choices[i]))
			return (long)i;
	}
	fault("the variant's %s=%s is not one of its choices", name, value);
}

int family(void)
{
	static const char *const names[] = {"inet", "inet6", "unix"};
	static const int values[] = {AF_INET, AF_INET6, AF_UNIX};

	return values[chosen("family", names, COUNT(names))];
}

int type(void)
{
	static const char *const names[] = {"stream", "dgram", "seqpacket", "raw"};
	static const int values[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW};

	return values[chosen("type", names, COUNT(names))];
}

int shut_how(void)
{
	static const char *const names[] = {"rd", "wr", "rdwr"};
	static const int values[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};

	return values[chosen("how", names, COUNT(names))];
}

enum reader reader(void)
{
	static const char *const names[] = {"read", "readv", "recv", "recvfrom", "recvmsg"};

	return (enum reader)chosen("by", names, COUNT(names));
}

enum writer writer(void)
{
	static const char *const names[] = {"write", "writev", "send", "sendto", "sendmsg"};

	return (enum writer)chosen("by", names, COUNT(names));
}

const char *stage(void)
{
	const char *name = getenv("SOCKSPEC_STAGE");

	return name ? name : "host";
}

bool witnessed(void)
{
	return getenv("SOCKSPEC_WITNESS") != NULL;
}

/* --- capabilities -------------------------------------------------------------------------- */
/* Raw calls: libcap would be a dependency on every target. */

static void set_effective(bool all)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return; /* a target without capabilities has none to set aside */
	for (int i = 0; i < 2; i++)
		data[i].effective = all ? data[i].permitted : 0;
	syscall(SYS_capset, &header, data);
}

void capabilities_aside(void)
{
	set_effective(false);
}

void capabilities_back(void)
{
	set_effective(true);
}

bool write_sysctl(const char *name, long value)
{
	char path[128];
	char text[24];
	int length = snprintf(text, sizeof text, "%ld", value);
	bool done;
	int fd;

	if (!strcmp(stage(), "host")) {
		errno = EPERM; /* it would be everybody's */
		return false;
	}
	snprintf(path, sizeof path, "/proc/sys/net/%s", name);
	capabilities_back();
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, text, (size_t)length) == length;
	cleanup_fd(&fd);
	capabilities_aside();
	return done;
}

/* --- begin and end -------------------------------------------------------------------------- */

/* The words of a role, put behind the variant by exec_self(): "role=NAME", "fd=NUMBER"; and by
 * exec_child(): "meet=NUMBER", "who=NAME". */
static void take_role(void)
{
	const char *fd = value_of("fd");

	const char *meeting = value_of("meet");

	role = value_of("role");
	if (role && fd)
		fd_of_role = (int)strtol(fd, NULL, 10);
	if (!role || !meeting)
		return;
	log_who = value_of("who");
	meet_fd_of_role = (int)strtol(meeting, NULL, 10);
}

void probe_begin(int argc, char **argv)
{
	program = argv[0];
	words = argv;
	word_count = argc;
	log_open();
	take_role();
	/* A write to a dead connection shall give EPIPE; probes about SIGPIPE set it back. */
	signal(SIGPIPE, SIG_IGN);
	capabilities_aside();
}

int probe_end(void)
{
	struct event event;

	if (!log_is_readable()) {
		event_begin(&event, "done");
		event_number(&event, "t", now_ns());
		event_end(&event);
	}
	return EXIT_SUCCESS;
}

bool role_is(const char *name)
{
	return role && !strcmp(role, name);
}

int inherited_fd(void)
{
	if (fd_of_role < 0)
		fault("no descriptor was inherited");
	return fd_of_role;
}

static _Noreturn void exec_with(char *const extra[])
{
	char *arguments[VARIANTS_MAX + ROLE_WORDS + 1];
	int count = 0;

	for (int i = 0; i < word_count && count < VARIANTS_MAX; i++)
		arguments[count++] = words[i];
	for (int i = 0; extra[i]; i++)
		arguments[count++] = extra[i];
	arguments[count] = NULL;
	execv(getenv("SOCKSPEC_PROGRAM") ? getenv("SOCKSPEC_PROGRAM") : program, arguments);
	fault_at("execv()", errno, __FILE__, __LINE__);
}

void exec_self(const char *name, int fd)
{
	char role_word[64];
	char fd_word[32];
	char *const extra[] = {role_word, fd_word, NULL};

	snprintf(role_word, sizeof role_word, "role=%s", name);
	snprintf(fd_word, sizeof fd_word, "fd=%d", fd);
	exec_with(extra);
}

void exec_child(struct child *child, const char *name, int fd)
{
	char role_word[64];
	char fd_word[32];
	char meet_word[32];
	char who_word[64];
	char *const extra[] = {role_word, fd_word, meet_word, who_word, NULL};

	must(fcntl(child->meet_fd, F_SETFD, 0));
	snprintf(role_word, sizeof role_word, "role=%s", name);
	snprintf(fd_word, sizeof fd_word, "fd=%d", fd);
	snprintf(meet_word, sizeof meet_word, "meet=%d", child->meet_fd);
	snprintf(who_word, sizeof who_word, "who=%s", child->who);
	exec_with(extra);
}

struct child child_after_exec(void)
{
	if (meet_fd_of_role < 0)
		fault("this program was not started by exec_child()");
	return (struct child){.who = log_who, .meet_fd = meet_fd_of_role};
}
