/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that block: seen asleep inside their call, not waited for. */
#include "internal.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

enum { STARTING, RUNNING, DONE };

/* Where a target tells no thread's state: not returned for this long counts as blocked. */
static const int64_t limit_ns = 200 * 1000000LL;
/* A thread that sleeps on for this long, though it ought to be awake, is not going to wake by itself. */
enum { WAKING_S = 2 };
/* A thread that is neither asleep nor done for this long is a fault. */
static const int64_t patience_ns = 8 * 1000000000LL;

static int state_of(struct sleeper *sleeper)
{
	return __atomic_load_n(&sleeper->state, __ATOMIC_ACQUIRE);
}

static void set_state(struct sleeper *sleeper, int state)
{
	__atomic_store_n(&sleeper->state, state, __ATOMIC_RELEASE);
}

/* Descriptors of the kit's own keep out of the lowest numbers, which belong to the probe. */
static int open_high(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int high;

	if (fd < 0)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 700);
	close(fd);
	return high;
}

static void *sleeper_main(void *argument)
{
	struct sleeper *sleeper = argument;

	log_who = sleeper->who;
	unpin();
	sleeper->stat_fd = open_high("/proc/thread-self/stat");
	sleeper->syscall_fd = open_high("/proc/thread-self/syscall");
	set_state(sleeper, RUNNING);
	sleeper->work(sleeper->argument);
	set_state(sleeper, DONE);
	return NULL;
}

void sleeper_start(struct sleeper *sleeper, const char *who, void (*work)(void *), void *argument)
{
	*sleeper = (struct sleeper){.who = who, .work = work, .argument = argument};
	int error = pthread_create(&sleeper->thread, NULL, sleeper_main, sleeper);

	if (error)
		fault_at("pthread_create()", error, __FILE__, __LINE__);
	while (state_of(sleeper) == STARTING)
		sched_yield();
}

bool sleeper_done(struct sleeper *sleeper)
{
	return state_of(sleeper) == DONE;
}

void sleeper_signal(struct sleeper *sleeper, int signal)
{
	int error = pthread_kill(sleeper->thread, signal);

	if (error)
		fault_at("pthread_kill()", error, __FILE__, __LINE__);
}

static void joined(const struct sleeper *sleeper, int error)
{
	if (error)
		fault_at("pthread_join()", error, __FILE__, __LINE__);
	if (sleeper->stat_fd >= 0)
		close(sleeper->stat_fd);
	if (sleeper->syscall_fd >= 0)
		close(sleeper->syscall_fd);
}

void sleeper_join(struct sleeper *sleeper)
{
	joined(sleeper, pthread_join(sleeper->thread, NULL));
}

static void do_nothing(int signal)
{
	(void)signal;
}

bool sleeper_end(struct sleeper *sleeper)
{
	struct sigaction action = {.sa_handler = do_nothing}; /* without SA_RESTART */
	struct timespec end;
	bool by_itself;
	int error;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += WAKING_S;
	error = pthread_timedjoin_np(sleeper->thread, NULL, &end);
	by_itself = error != ETIMEDOUT;
	if (!by_itself) {
		must(sigaction(SIGUSR2, &action, NULL));
		sleeper_signal(sleeper, SIGUSR2);
		error = pthread_join(sleeper->thread, NULL);
	}
	joined(sleeper, error);
	return by_itself;
}

/* --- which system call a function is ----------------------------------------------------------- */

struct syscall_of {
	const char *call;
	long numbers
		[3]; /* a libc may choose; 0 ends the list (no call here is number 0 but read) */
};

#ifdef SYS_socketcall
#define OR_SOCKETCALL SYS_socketcall
#else
#define OR_SOCKETCALL (-1)
#endif
#ifdef SYS_accept
#define ACCEPT SYS_accept
#else
#define ACCEPT (-1)
#endif
#ifdef SYS_poll
#define POLL SYS_poll
#else
#define POLL (-1)
#endif

static const struct syscall_of syscalls[] = {
	{"read", {SYS_read, -1, -1}},
	{"readv", {SYS_readv, -1, -1}},
	{"recv", {SYS_recvfrom, OR_SOCKETCALL, -1}},
	{"recvfrom", {SYS_recvfrom, OR_SOCKETCALL, -1}},
	{"recvmsg", {SYS_recvmsg, OR_SOCKETCALL, -1}},
	{"write", {SYS_write, -1, -1}},
	{"writev", {SYS_writev, -1, -1}},
	{"send", {SYS_sendto, OR_SOCKETCALL, -1}},
	{"sendto", {SYS_sendto, OR_SOCKETCALL, -1}},
	{"sendmsg", {SYS_sendmsg, OR_SOCKETCALL, -1}},
	{"connect", {SYS_connect, OR_SOCKETCALL, -1}},
	{"accept", {ACCEPT, SYS_accept4, OR_SOCKETCALL}},
	{"poll", {POLL, SYS_ppoll, -1}},
	{"close", {SYS_close, -1, -1}},
	{"shutdown", {SYS_shutdown, OR_SOCKETCALL, -1}},
};

static bool is_call(const char *call, long number)
{
	for (size_t i = 0; i < COUNT(syscalls); i++) {
		if (strcmp(syscalls[i].call, call) != 0)
			continue;
		for (size_t k = 0; k < COUNT(syscalls[i].numbers); k++) {
			if (number >= 0 && syscalls[i].numbers[k] == number)
				return true;
		}
		return false;
	}
	fault("the kit does not know which system call %s is", call);
}

/* --- asleep -------------------------------------------------------------------------------------- */

static bool read_whole(int fd, char *text, size_t size)
{
	ssize_t got = fd < 0 ? -1 : pread(fd, text, size - 1, 0);

	if (got <= 0)
		return false;
	text[got] = '\0';
	return true;
}

/* The state letter of proc_pid_stat(5): the first field behind the name in parentheses. */
static char state_letter(const char *stat)
{
	const char *end = strrchr(stat, ')');

	return end && end[1] == ' ' ? end[2] : '?';
}

enum sight { AWAKE, ASLEEP, UNTOLD };

/* Asleep in the call: interruptible sleep, while the kernel says that it is this system call. */
static enum sight look(const struct sleeper *sleeper, const char *call)
{
	char text[512];
	char *end;
	long number;

	if (!read_whole(sleeper->syscall_fd, text, sizeof text))
		return UNTOLD;
	number = strtol(text, &end, 10); /* "running" where it is not in a call */
	if (end == text || !is_call(call, number))
		return AWAKE;
	if (!read_whole(sleeper->stat_fd, text, sizeof text))
		return UNTOLD;
	return state_letter(text) == 'S' ? ASLEEP : AWAKE;
}

static void say_asleep(const struct sleeper *sleeper, const char *call, bool asleep, bool told)
{
	struct event event;

	event_begin(&event, "asleep");
	event_text(&event, "call", call);
	event_text(&event, "who", sleeper->who);
	if (!log_is_readable())
		event_number(&event, "t", now_ns());
	event_bool(&event, "asleep", asleep);
	event_text(&event, "how", told ? "thread state" : "time limit");
	event_end(&event);
}

void see_asleep(struct sleeper *sleeper, const char *call)
{
	int64_t begin = now_ns();

	while (now_ns() - begin < patience_ns) {
		enum sight sight;

		if (sleeper_done(sleeper)) {
			say_asleep(sleeper, call, false, true);
			return;
		}
		sight = look(sleeper, call);
		if (sight == ASLEEP) {
			say_asleep(sleeper, call, true, true);
			return;
		}
		if (sight == UNTOLD && now_ns() - begin > limit_ns) {
			say_asleep(sleeper, call, true, false);
			return;
		}
		sched_yield();
	}
	fault("%s was neither asleep in %s nor done", sleeper->who, call);
}

/* --- a thread that receives ---------------------------------------------------------------------- */

static void receive_once(void *argument)
{
	const struct receiver *receiver = argument;

	see_receive(receiver->by, receiver->fd, receiver->size, receiver->flags);
}

void receiver_start(struct receiver *receiver, const char *who, enum reader by, int fd, size_t size,
		    int flags)
{
	*receiver = (struct receiver){.by = by, .fd = fd, .size = size, .flags = flags};
	sleeper_start(&receiver->sleeper, who, receive_once, receiver);
}

void see_receiver_asleep(struct receiver *receiver)
{
	see_asleep(&receiver->sleeper, reader_name(receiver->by));
}

/* --- a thread that accepts ----------------------------------------------------------------------- */

static void accept_once(void *argument)
{
	struct acceptor *acceptor = argument;
	struct name peer = {.length = sizeof peer.storage};

	acceptor->result = see_accept(acceptor->fd, &peer);
}

void acceptor_start(struct acceptor *acceptor, const char *who, int fd)
{
	acceptor->fd = fd;
	acceptor->result = -1;
	sleeper_start(&acceptor->sleeper, who, accept_once, acceptor);
}

/* --- a thread that sends ------------------------------------------------------------------------- */

static void send_once(void *argument)
{
	struct sender *sender = argument;

	sender->result =
		see_send(sender->by, sender->fd, sender->data, sender->size, sender->flags, NULL);
}

void sender_start(struct sender *sender, enum writer by, int fd, const void *data, size_t size,
		  int flags)
{
	*sender = (struct sender){.by = by, .fd = fd, .data = data, .size = size, .flags = flags};
	sleeper_start(&sender->sleeper, "writer", send_once, sender);
}

void see_sender_asleep(struct sender *sender)
{
	see_asleep(&sender->sleeper, writer_name(sender->by));
}

/* --- signals --------------------------------------------------------------------------------------- */

static int caught;

static void count_signal(int signal)
{
	(void)signal;
	__atomic_add_fetch(&caught, 1, __ATOMIC_RELAXED);
}

void catch_signal(int signal, int flags)
{
	struct sigaction action = {.sa_handler = count_signal, .sa_flags = flags};

	must(sigaction(signal, &action, NULL));
}

int signals_caught(void)
{
	return __atomic_load_n(&caught, __ATOMIC_RELAXED);
}

void await_signals(int count)
{
	int64_t begin = now_ns();

	while (signals_caught() < count) {
		if (now_ns() - begin > patience_ns)
			fault("%d of %d signals were caught", signals_caught(), count);
		sched_yield();
	}
}
