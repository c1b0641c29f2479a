/* SPDX-License-Identifier: Apache-2.0 */
/* The liar: how a call passes it. */
#include "lie.h"

#include "internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* A program that is no probe has it not, and has no call under test. */
#pragma weak sockspec_call_under_test

/* The exit status of a probe that was given a rule that is none. */
enum { EXIT_RULE = 125 };

struct sincere sincere;
static struct rule rule;
static bool ready;
static int log_fd = -1;
static int64_t t0;

/* --- beginning --------------------------------------------------------------------------------------- */

/* Where libc's own functions are kept, past these. */
static const struct {
	const char *name;
	void *into;
} functions[] = {
	{"socket", &sincere.socket},
	{"bind", &sincere.bind},
	{"connect", &sincere.connect},
	{"listen", &sincere.listen},
	{"accept", &sincere.accept},
	{"shutdown", &sincere.shutdown},
	{"close", &sincere.close},
	{"dup", &sincere.dup},
	{"dup2", &sincere.dup2},
	{"sockatmark", &sincere.sockatmark},
	{"getsockname", &sincere.getsockname},
	{"getpeername", &sincere.getpeername},
	{"getsockopt", &sincere.getsockopt},
	{"setsockopt", &sincere.setsockopt},
	{"read", &sincere.read},
	{"readv", &sincere.readv},
	{"recv", &sincere.recv},
	{"recvfrom", &sincere.recvfrom},
	{"recvmsg", &sincere.recvmsg},
	{"write", &sincere.write},
	{"writev", &sincere.writev},
	{"send", &sincere.send},
	{"sendto", &sincere.sendto},
	{"sendmsg", &sincere.sendmsg},
	{"fcntl", &sincere.fcntl},
	{"ioctl", &sincere.ioctl},
	{"poll", &sincere.poll},
	{"select", &sincere.select},
	{"lseek", &sincere.lseek},
	{"open", &sincere.open},
	{"unlink", &sincere.unlink},
	{"stat", &sincere.stat},
	{"fgetc", &sincere.fgetc},
	{"ftell", &sincere.ftell},
	{"inet_pton", &sincere.inet_pton},
	{"inet_ntop", &sincere.inet_ntop},
	{"inet_aton", &sincere.inet_aton},
	{"inet_addr", &sincere.inet_addr},
	{"inet_network", &sincere.inet_network},
	{"inet_ntoa", &sincere.inet_ntoa},
	{"inet_lnaof", &sincere.inet_lnaof},
	{"inet_netof", &sincere.inet_netof},
	{"htonl", &sincere.htonl},
	{"ntohl", &sincere.ntohl},
	{"htons", &sincere.htons},
	{"ntohs", &sincere.ntohs},
	{"memset", &sincere.memset},
	{"memcpy", &sincere.memcpy},
	{"memcmp", &sincere.memcmp},
	{"bzero", &sincere.bzero},
	{"bcopy", &sincere.bcopy},
	{"bcmp", &sincere.bcmp},
};

/* ISO C has no cast from an object's pointer to a function's; POSIX's dlsym() is for that, and says that the
 * two are alike.  What a libc has not nobody calls. */
static void find_sincere(void)
{
	for (size_t i = 0; i < COUNT(functions); i++)
		*(void **)functions[i].into = dlsym(RTLD_NEXT, functions[i].name);
}

bool is_function(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(functions); i++) {
		if (strlen(functions[i].name) == length && !memcmp(functions[i].name, name, length))
			return *(void **)functions[i].into != NULL;
	}
	return false;
}

static _Noreturn void give_up(const char *why)
{
	dprintf(STDERR_FILENO, "liar: %s\n", why);
	_exit(EXIT_RULE);
}

/* Comes first, unless another library's beginning makes a call. */
__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("SOCKSPEC_LIE");
	const char *log = getenv("SOCKSPEC_LOG");
	const char *start = getenv("SOCKSPEC_T0");
	char why[256];

	if (ready)
		return;
	find_sincere();
	log_fd = log ? (int)strtol(log, NULL, 10) : -1;
	t0 = start ? strtoll(start, NULL, 10) : 0;
	if (!rule_read(&rule, text ? text : "none", why, sizeof why))
		give_up(why);
	if (*rule.where && !look_at(why, &rule, sizeof why))
		give_up("process_vm_readv() does not work here, and a lie needs it");
	ready = true;
}

/* --- a call ------------------------------------------------------------------------------------------ */

/* An event of the probe's log; without a log a line for a reader. */
static void say_once(const char *call)
{
	static bool said;
	char line[128];
	struct timespec now;
	int length;

	if (__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	length = log_fd < 0 ? snprintf(line, sizeof line, "a lie is told: %s\n", call)
			    : snprintf(line, sizeof line,
				       "{\"e\":\"lie\",\"t\":%lld,\"call\":\"%s\"}\n",
				       (long long)now.tv_sec * 1000000000 + now.tv_nsec - t0, call);
	sincere.write(log_fd < 0 ? STDOUT_FILENO : log_fd, line, (size_t)length);
}

/* Set while the liar is at work: what it calls meanwhile is no call of the probe's. */
OF_THREAD bool at_work;

bool is_named(const char *call)
{
	bool named;

	if (!ready || at_work ||
	    !(rule.anywhere || (sockspec_call_under_test && sockspec_call_under_test())))
		return false;
	at_work = true; /* names are compared with functions that the liar stands before */
	named = rule_names(&rule, call);
	at_work = false;
	return named;
}

static bool all_fit(const struct telling *telling, bool late)
{
	for (size_t i = 0; i < rule.whens; i++) {
		const struct word *word = &rule.when[i];

		if (word->condition->late == late &&
		    !word->condition->fits(telling, word->value, word->text))
			return false;
	}
	return true;
}

/* Counts a call that fits; whether the lie is for it. */
static bool is_its_turn(void)
{
	static long count;
	long number = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);

	return (!rule.nth || number == rule.nth) && number > rule.after;
}

bool look_at(void *into, const void *from, size_t size)
{
	struct iovec here = {.iov_base = into, .iov_len = size};
	struct iovec there = {.iov_base = writable(from), .iov_len = size};

	return !size || process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)size;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* False: the call has memory that cannot be read. */
static bool look_before(struct telling *t)
{
	size_t room = t->count ? t->parts[0].iov_len : 0;

	if (t->from_length && !look_at(&t->length_before, t->from_length, sizeof t->length_before))
		return false;
	return look_at(t->data_before, t->count ? t->parts[0].iov_base : NULL,
		       least(room, sizeof t->data_before)) &&
	       look_at(&t->from_before, t->from,
		       t->from ? least(t->length_before, sizeof t->from_before) : 0) &&
	       (!t->to ||
		look_at(&t->to_changed, t->to, least(t->to_length, sizeof t->to_changed)));
}

static bool fits(struct telling *telling)
{
	telling->blind |= !look_before(telling);
	return telling->fd < KIT_FDS && (rule.blind || !telling->blind) &&
	       all_fit(telling, false) && (rule.late || is_its_turn());
}

static void change(struct telling *telling, bool early)
{
	for (size_t i = 0; i < rule.acts; i++) {
		const struct word *word = &rule.does[i];

		if (word->act->early == early)
			word->act->change(telling, word->how, word->value);
	}
}

/* Nothing comes of the second time. */
static void make_once_or_twice(struct telling *telling, making *make)
{
	long result;
	int error;

	if (telling->patience_ms)
		make_patiently(telling, make);
	else
		make(telling);
	if (!telling->twice)
		return;
	result = telling->result;
	error = telling->error;
	make(telling);
	telling->result = result;
	telling->error = error;
}

static void lie(struct telling *telling, making *make, int before)
{
	if (!rule.late)
		say_once(telling->call);
	change(telling, true);
	errno = before;
	if (!telling->skipped)
		make_once_or_twice(telling, make);
	telling->unwritable = telling->error == EFAULT;
	if (rule.late && (!all_fit(telling, true) || !is_its_turn()))
		return;
	say_once(telling->call);
	change(telling, false);
}

/* Whether it is a call to lie about; then the liar is at work. */
static bool takes_up(struct telling *telling)
{
	if (!is_named(telling->call))
		return false;
	at_work = true;
	at_work = fits(telling);
	return at_work;
}

long told(struct telling *telling, making *make)
{
	int before = errno;

	if (!ready)
		begin();
	if (takes_up(telling)) {
		lie(telling, make, before);
		free(telling->data_changed);
		telling->data_changed = NULL;
		at_work = false;
	} else {
		/* What no lie is told about may die of a signal, and go on elsewhere. */
		errno = before;
		make(telling);
	}
	errno = telling->error ? telling->error : before;
	return telling->result;
}
