/* SPDX-License-Identifier: Apache-2.0 */
/* A job's keeper: makes the stage, runs the probe in it, composes the record. */
#include "agent.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 2 << 20,  /* bytes of events kept of one job */
	FLOOD_MAX = 64 << 20,  /* bytes of output after which a probe is ended */
	LINE_MAX_BYTES = 8192, /* of one event */
	NONSENSE_MAX = 5,      /* lines kept as examples */
	NONSENSE_SHOWN = 160,
	STDERR_SHOWN = 4000,
	STUCK_MAX = 16,
	KEEPER_OUT = 3,
	HIGH_FD = 600, /* the probe's own descriptors are far below */
};

/* A pipe from the probe, with the line that is not finished yet. */
struct inlet {
	int fd;
	char line[LINE_MAX_BYTES];
	size_t used;
	bool too_long;
};

struct keeper {
	const struct settings *settings;
	const struct job *job;
	struct stage stage;
	struct capture capture;
	struct inlet log;
	int error_fd;
	int signal_fd;
	int out; /* the agent reads the record from it */
	pid_t probe;
	pid_t relay;	 /* 0: none */
	bool relay_gone; /* it ended before the probe */
	int status;
	bool ended;	   /* the probe has been reaped */
	bool waiting;	   /* it said that it waits, and the agent was told */
	const char *limit; /* why it was ended by us, or NULL */
	struct text events;
	struct text nonsense;
	unsigned nonsense_count;
	struct text error_text;
	struct text stuck;
	int64_t dropped;
	int64_t t0;
	int64_t steady0;
	int64_t stage_ns;
	int64_t probe_ns;
};

/* --- what the probe says -------------------------------------------------------------------------- */

static void add_nonsense(struct keeper *k, const char *line, size_t size)
{
	if (k->nonsense_count++ >= NONSENSE_MAX)
		return;
	if (k->nonsense.used)
		text_byte(&k->nonsense, ',');
	text_quoted(&k->nonsense, line, size < NONSENSE_SHOWN ? size : NONSENSE_SHOWN);
}

/* Once: another job may run in this one's place meanwhile. */
static void say_waiting(struct keeper *k)
{
	if (!k->waiting && write(k->out, "\n", 1) == 1)
		k->waiting = true;
}

static bool begins_with(const char *line, size_t size, const char *text)
{
	return size >= strlen(text) && !memcmp(line, text, strlen(text));
}

static void take_line(struct keeper *k, const char *line, size_t size)
{
	if (!json_is_object(line, size)) {
		add_nonsense(k, line, size);
		return;
	}
	if (begins_with(line, size, "{\"e\":\"waits\""))
		say_waiting(k);
	if (k->events.used + size > EVENTS_MAX) {
		k->dropped += (int64_t)size;
		return;
	}
	if (k->events.used)
		text_byte(&k->events, ',');
	text_add(&k->events, line, size);
}

static void end_line(struct keeper *k)
{
	if (k->log.too_long || k->log.used)
		take_line(k, k->log.line, k->log.used);
	k->log.used = 0;
	k->log.too_long = false;
}

static void take_bytes(struct keeper *k, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			end_line(k);
		else if (k->log.used < sizeof k->log.line)
			k->log.line[k->log.used++] = bytes[i];
		else {
			k->log.too_long = true;
			k->dropped++;
		}
	}
}

/* Both return whether there may be more. */
static bool read_log(struct keeper *k)
{
	char bytes[16384];
	ssize_t got = read(k->log.fd, bytes, sizeof bytes);

	if (got > 0)
		take_bytes(k, bytes, (size_t)got);
	return got > 0 || (got < 0 && errno == EINTR);
}

static bool read_errors(struct keeper *k)
{
	char bytes[4096];
	ssize_t got = read(k->error_fd, bytes, sizeof bytes);
	size_t room = STDERR_SHOWN - k->error_text.used;

	if (got > 0) {
		size_t kept = (size_t)got < room ? (size_t)got : room;

		text_add(&k->error_text, bytes, kept);
		k->dropped += (int64_t)((size_t)got - kept);
	}
	return got > 0 || (got < 0 && errno == EINTR);
}

/* --- the probe's process --------------------------------------------------------------------------- */

static int keep_high(int fd)
{
	return fcntl(fd, F_DUPFD, HIGH_FD);
}

static void set_number(const char *name, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)value);
	setenv(name, text, 1);
}

static void set_environment(const struct keeper *k, int log_fd)
{
	set_number("SOCKSPEC_LOG", keep_high(log_fd));
	set_number("SOCKSPEC_T0", k->t0);
	setenv("SOCKSPEC_STAGE", stage_names[k->job->stage], 1);
	if (k->capture.fd >= 0)
		setenv("SOCKSPEC_WITNESS", "1", 1);
	else
		unsetenv("SOCKSPEC_WITNESS");
	if (k->stage.peer_fd >= 0) {
		set_number("SOCKSPEC_PEER", keep_high(k->stage.peer_fd));
		setenv("SOCKSPEC_PEER_FRAMES", k->stage.peer_ether ? "ether" : "ip", 1);
		return;
	}
	if (k->stage.far_fd < 0)
		return;
	set_number("SOCKSPEC_NEAR", keep_high(k->stage.near_fd));
	set_number("SOCKSPEC_FAR", keep_high(k->stage.far_fd));
}

/* The lie is for the probe and what it starts: nobody else has this environment. */
static void set_lie(const struct keeper *k)
{
	if (!k->job->lie || !strncmp(k->job->lie, "wire:", strlen("wire:")))
		return;
	setenv("SOCKSPEC_LIE", k->job->lie, 1);
	setenv("LD_PRELOAD", k->settings->liar, 1);
}

static void set_limits(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
}

static _Noreturn void become_probe(const struct keeper *k, int log_fd, int error_fd)
{
	char path[4096];
	char *arguments[JOB_WORDS + 2];
	int null_fd = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	set_limits();
	set_environment(k, log_fd);
	set_lie(k);
	dup2(null_fd, STDIN_FILENO);
	dup2(error_fd, STDOUT_FILENO);
	dup2(error_fd, STDERR_FILENO);
	if (null_fd > STDERR_FILENO)
		close(null_fd);
	if (chdir(k->stage.folder))
		dprintf(STDERR_FILENO, "chdir(%s): %s\n", k->stage.folder, strerror(errno));
	snprintf(path, sizeof path, "%s/%s", k->settings->probes, k->job->probe);
	arguments[0] = path;
	memcpy(arguments + 1, k->job->variant, k->job->variants * sizeof *arguments);
	arguments[k->job->variants + 1] = NULL;
	execv(path, arguments);
	dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

/* True where the job wants none. */
static bool start_relay(struct keeper *k, int log_fd, int error_fd)
{
	struct relay_voice voice = {log_fd, error_fd, k->capture.stamps_in, k->t0};

	if (!relay_wanted(k->job))
		return true;
	k->relay = relay_start(&k->stage, k->job, k->settings->probes, &voice, k->stage.why,
			       sizeof k->stage.why);
	return k->relay > 0;
}

static bool start_probe(struct keeper *k)
{
	int log_pipe[2];
	int error_pipe[2];

	if (pipe2(log_pipe, O_CLOEXEC) || pipe2(error_pipe, O_CLOEXEC))
		return false;
	k->log.fd = log_pipe[0];
	k->error_fd = error_pipe[0];
	fcntl(k->log.fd, F_SETFL, O_NONBLOCK);
	fcntl(k->error_fd, F_SETFL, O_NONBLOCK);
	if (!start_relay(k, log_pipe[1], error_pipe[1]))
		return false;
	k->probe = fork();
	if (!k->probe)
		become_probe(k, log_pipe[1], error_pipe[1]);
	close(log_pipe[1]);
	close(error_pipe[1]);
	return k->probe > 0;
}

/* --- a hung probe: where is it? ---------------------------------------------------------------------- */

static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return true;
}

static const char *syscall_name(long number)
{
	static const struct {
		long number;
		const char *name;
	} names[] = {
		{SYS_read, "read"},
		{SYS_write, "write"},
		{SYS_readv, "readv"},
		{SYS_writev, "writev"},
		{SYS_recvfrom, "recvfrom"},
		{SYS_recvmsg, "recvmsg"},
		{SYS_sendto, "sendto"},
		{SYS_sendmsg, "sendmsg"},
		{SYS_connect, "connect"},
		{SYS_accept4, "accept4"},
		{SYS_ppoll, "ppoll"},
		{SYS_wait4, "wait4"},
		{SYS_sched_yield, "sched_yield"},
#ifdef SYS_accept
		{SYS_accept, "accept"},
#endif
#ifdef SYS_poll
		{SYS_poll, "poll"},
#endif
#ifdef SYS_futex
		{SYS_futex, "futex"},
#endif
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].number == number)
			return names[i].name;
	}
	return NULL;
}

static void add_stuck(struct keeper *k, long pid, long thread)
{
	char path[64];
	char text[512];
	const char *end;
	const char *name = "?";
	char state = '?';

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", pid, thread);
	if (!read_text(path, text, sizeof text))
		return;
	end = strrchr(text, ')');
	if (end && end[1] && end[2])
		state = end[2];
	snprintf(path, sizeof path, "/proc/%ld/task/%ld/syscall", pid, thread);
	if (read_text(path, text, sizeof text)) {
		text[strcspn(text, " \n")] = '\0';
		name = isdigit((unsigned char)text[0]) ? syscall_name(strtol(text, NULL, 10))
						       : text;
	}
	if (k->stuck.used)
		text_byte(&k->stuck, ',');
	text_format(&k->stuck, "{\"id\":%ld,\"state\":\"%c\",\"syscall\":", thread, state);
	text_string(&k->stuck, name ? name : text);
	text_byte(&k->stuck, '}');
}

static void note_where_stuck(struct keeper *k)
{
	char path[64];
	DIR *tasks;
	int count = 0;

	snprintf(path, sizeof path, "/proc/%d/task", (int)k->probe);
	tasks = opendir(path);
	for (struct dirent *entry; tasks && (entry = readdir(tasks)) && count < STUCK_MAX;) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		add_stuck(k, (long)k->probe, strtol(entry->d_name, NULL, 10));
		count++;
	}
	if (tasks)
		closedir(tasks);
}

/* --- its end ------------------------------------------------------------------------------------------- */

/* In a PID namespace that is everything but the keeper.  On host it is the probe; what it started is
 * in the keeper's process group, which the agent ends together with the keeper. */
static void kill_all(const struct keeper *k)
{
	if (k->job->stage != STAGE_HOST)
		kill(-1, SIGKILL);
	else if (!k->ended)
		kill(k->probe, SIGKILL);
}

/* How long what was killed may take to be gone. */
static const int64_t dying_ns = 5 * INT64_C(1000000000);

/* The agent is gone.  Namespaces go with their keeper; on host nothing else cleans up.  The group is
 * killed from outside of it; the last of it may still make a file, so the folder is removed until it
 * is gone. */
static _Noreturn void end_with_agent(const struct keeper *k)
{
	int64_t end = steady_ns() + dying_ns;
	pid_t group = getpgrp();

	if (k->job->stage != STAGE_HOST)
		_exit(EXIT_FAILURE);
	if (fork() == 0) {
		setsid();
		kill(-group, SIGKILL);
		while (!host_folder_remove(k->stage.folder) && steady_ns() < end)
			sched_yield();
		_exit(EXIT_SUCCESS);
	}
	pause(); /* until the child's kill */
	_exit(EXIT_FAILURE);
}

static void reap(struct keeper *k, int options)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, options)) > 0 || (pid < 0 && errno == EINTR)) {
		k->relay_gone |= pid == k->relay && !k->ended && !k->limit;
		if (pid != k->probe)
			continue;
		k->status = status;
		k->ended = true;
		k->probe_ns = steady_ns() - k->steady0 - k->stage_ns;
	}
}

static void end_probe(struct keeper *k, const char *why)
{
	k->limit = why;
	note_where_stuck(k);
	kill_all(k);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int64_t ms_left(const struct keeper *k)
{
	int64_t end = k->steady0 + k->stage_ns + (int64_t)k->settings->limit_ms * 1000000;
	int64_t left = (end - steady_ns()) / 1000000 + 1;

	return left > 0 ? left : 0;
}

/* One turn of listening; what has come is taken. */
static void listen_once(struct keeper *k)
{
	struct pollfd pollers[] = {
		{.fd = k->signal_fd, .events = POLLIN},
		{.fd = k->log.fd, .events = POLLIN},
		{.fd = k->error_fd, .events = POLLIN},
		{.fd = k->capture.fd, .events = POLLIN},
		{.fd = k->out},
	};
	struct signalfd_siginfo signals;
	int ready = poll(pollers, 5, k->limit ? 1000 : (int)ms_left(k));

	if (pollers[4].revents)
		end_with_agent(k);
	if (!ready && !k->limit && !ms_left(k))
		end_probe(k, "time");
	/* A pipe at its end stays ready: it is left alone from then on. */
	if (pollers[1].revents && !read_log(k) && (pollers[1].revents & POLLHUP))
		k->log.fd = ~k->log.fd;
	if (pollers[2].revents && !read_errors(k) && (pollers[2].revents & POLLHUP))
		k->error_fd = ~k->error_fd;
	capture_drain(&k->capture);
	if (!k->limit && k->dropped > FLOOD_MAX)
		end_probe(k, "flood");
	if (!pollers[0].revents || read(k->signal_fd, &signals, sizeof signals) <= 0)
		return;
	if (signals.ssi_signo == SIGTERM)
		end_with_agent(k);
	reap(k, WNOHANG);
}

static int plain(int fd)
{
	return fd < 0 ? ~fd : fd;
}

/* How long a relay may take for what the probe's end made the near host send. */
static const int64_t relay_end_ns = 2 * INT64_C(1000000000);

static void end_relay(const struct keeper *k)
{
	struct pollfd poller = {.fd = k->signal_fd, .events = POLLIN};
	struct signalfd_siginfo signals;
	int64_t end = steady_ns() + relay_end_ns;

	if (!k->relay || k->relay_gone || k->limit)
		return;
	kill(k->relay, SIGTERM);
	while (!waitpid(k->relay, NULL, WNOHANG) && steady_ns() < end) {
		poll(&poller, 1, 10);
		(void)!read(k->signal_fd, &signals, sizeof signals);
	}
}

static void run_probe(struct keeper *k)
{
	while (!k->ended)
		listen_once(k);
	end_relay(k);
	kill_all(k); /* what it left behind */
	if (k->job->stage != STAGE_HOST)
		reap(k, 0);
	k->log.fd = plain(k->log.fd);
	k->error_fd = plain(k->error_fd);
	for (int64_t i = 0; i < FLOOD_MAX / 4096 && read_log(k); i++)
		;
	for (int64_t i = 0; i < FLOOD_MAX / 4096 && read_errors(k); i++)
		;
	if (k->log.used)
		add_nonsense(k, k->log.line, k->log.used); /* half a line */
	capture_finish(&k->capture);
}

/* --- the record ------------------------------------------------------------------------------------------ */

static void add_head(struct text *record, const struct job *job)
{
	const char *hash = job->probe ? probe_hash(job->probe) : NULL;

	text_format(record, "{\"kind\":\"record\",\"job\":");
	text_string(record, job->key);
	text_format(record, ",\"probe\":");
	text_string(record, job->probe ? job->probe : "");
	text_format(record, ",\"stage\":\"%s\",\"hash\":\"%s\",\"variant\":{",
		    stage_names[job->stage], hash ? hash : "");
	for (size_t i = 0; i < job->variants; i++) {
		const char *equals = strchr(job->variant[i], '=');

		if (i)
			text_byte(record, ',');
		text_quoted(record, job->variant[i], (size_t)(equals - job->variant[i]));
		text_byte(record, ':');
		text_string(record, equals + 1);
	}
	if (job->lie) {
		text_format(record, "%s\"lie\":", job->variants ? "," : "");
		text_string(record, job->lie);
	}
	text_byte(record, '}');
}

void record_of_lost(struct text *record, const struct job *job, const char *why)
{
	add_head(record, job);
	text_format(record,
		    ",\"t0\":%lld,\"end\":{\"how\":\"agent\",\"why\":", (long long)real_ns());
	text_string(record, why);
	text_format(record, "}}\n");
}

static const char *signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
		{SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},   {SIGKILL, "SIGKILL"},
		{SIGTERM, "SIGTERM"}, {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"},
		{SIGSYS, "SIGSYS"},   {SIGTRAP, "SIGTRAP"}, {SIGUSR1, "SIGUSR1"},
		{SIGUSR2, "SIGUSR2"}, {SIGINT, "SIGINT"},   {SIGHUP, "SIGHUP"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].number == number)
			return names[i].name;
	}
	return "a signal";
}

static void add_end(struct text *record, const struct keeper *k)
{
	if (k->limit) {
		text_format(record, ",\"end\":{\"how\":\"limit\",\"why\":");
		if (!strcmp(k->limit, "time"))
			text_format(record, "\"it had not ended after %u ms\"",
				    k->settings->limit_ms);
		else
			text_format(record, "\"it wrote more than %d bytes\"", FLOOD_MAX);
		text_format(record, ",\"stuck\":[");
		text_add(record, k->stuck.bytes, k->stuck.used);
		text_format(record, "]}");
	} else if (WIFSIGNALED(k->status)) {
		text_format(record, ",\"end\":{\"how\":\"signal\",\"status\":%d,\"signal\":\"%s\"}",
			    WTERMSIG(k->status), signal_name(WTERMSIG(k->status)));
	} else {
		text_format(record, ",\"end\":{\"how\":\"exit\",\"status\":%d}",
			    WEXITSTATUS(k->status));
	}
}

static void add_list(struct text *record, const char *name, const struct text *items)
{
	text_format(record, ",\"%s\":[", name);
	text_add(record, items->bytes, items->used);
	text_byte(record, ']');
}

static void add_output(struct text *record, const struct keeper *k)
{
	if (!k->nonsense_count && !k->dropped && !k->error_text.used)
		return;
	text_format(record, ",\"output\":{\"nonsense\":[");
	text_add(record, k->nonsense.bytes, k->nonsense.used);
	text_format(record, "],\"dropped_bytes\":%lld,\"stderr\":", (long long)k->dropped);
	text_quoted(record, k->error_text.bytes, k->error_text.used);
	text_byte(record, '}');
}

static void compose(struct text *record, const struct keeper *k, int64_t clock_step)
{
	add_head(record, k->job);
	text_format(record, ",\"t0\":%lld", (long long)k->t0);
	add_end(record, k);
	add_list(record, "events", &k->events);
	if (k->capture.fd >= 0)
		add_list(record, "packets", &k->capture.packets);
	if (k->capture.lost)
		text_format(record, ",\"packets_lost\":%u", k->capture.lost);
	if (clock_step)
		text_format(record, ",\"clock_step\":%lld", (long long)clock_step);
	add_output(record, k);
	text_format(record, ",\"cost\":{\"stage\":%lld,\"probe\":%lld,\"total\":%lld}}\n",
		    (long long)k->stage_ns, (long long)k->probe_ns,
		    (long long)(steady_ns() - k->steady0));
}

static void write_all(int fd, const struct text *text)
{
	for (size_t done = 0; done < text->used;) {
		ssize_t wrote = write(fd, text->bytes + done, text->used - done);

		if (wrote < 0 && errno != EINTR)
			_exit(EXIT_FAILURE); /* the agent is gone */
		if (wrote > 0)
			done += (size_t)wrote;
	}
}

/* How far the wall clock is ahead of the steady one; it changes only when somebody sets the clock.
 * The smallest gap of a few readings, so that a preemption between two readings does not count. */
static int64_t clock_offset(void)
{
	int64_t best_gap = INT64_MAX;
	int64_t offset = 0;

	for (int i = 0; i < 5; i++) {
		int64_t before = steady_ns();
		int64_t real = real_ns();
		int64_t gap = steady_ns() - before;

		if (gap >= best_gap)
			continue;
		best_gap = gap;
		offset = real - before - gap / 2;
	}
	return offset;
}

/* Less than this is the noise of reading two clocks one after the other. */
static const int64_t step_noise_ns = 100000;

static _Noreturn void lose(const struct job *job, const char *why)
{
	struct text record = {.bytes = NULL};

	record_of_lost(&record, job, why);
	write_all(KEEPER_OUT, &record);
	_exit(EXIT_FAILURE);
}

/* The stage of the job, with a gap for its relay if it wants one. */
static bool make_stage(struct keeper *k, const char *folder)
{
	return stage_make(&k->stage, k->job->stage, folder, k->settings) &&
	       (!relay_wanted(k->job) || stage_part(&k->stage));
}

_Noreturn void keeper_main(const struct settings *settings, const struct job *job,
			   const char *folder, int out)
{
	struct keeper k = {
		.settings = settings, .job = job, .capture = {.fd = -1}, .out = KEEPER_OUT};
	int64_t offset = clock_offset();
	struct text record = {.bytes = NULL};

	/* Only this end of the record's pipe stays: so it tells when the agent is gone, also if that was
	 * before the next line asks to be told. */
	if (out != KEEPER_OUT)
		dup3(out, KEEPER_OUT, O_CLOEXEC);
	close_from(KEEPER_OUT + 1);
	k.signal_fd = open_signals();
	prctl(PR_SET_PDEATHSIG, job->stage == STAGE_HOST ? SIGTERM : SIGKILL);
	setpgid(0, 0);
	k.steady0 = steady_ns();
	k.t0 = real_ns();
	if (relay_wrong(job))
		lose(job, relay_wrong(job));
	if (!make_stage(&k, folder))
		lose(job, k.stage.why);
	if (job->stage != STAGE_HOST)
		capture_open(&k.capture, k.t0, &k.stage);
	k.stage_ns = steady_ns() - k.steady0;
	k.stage.why[0] = '\0';
	if (!start_probe(&k))
		lose(job, *k.stage.why ? k.stage.why : strerror(errno));
	run_probe(&k);
	if (k.relay_gone)
		lose(job, "the relay of its lie ended before the probe");
	offset = clock_offset() - offset;
	compose(&record, &k, llabs(offset) > step_noise_ns ? offset : 0);
	write_all(KEEPER_OUT, &record);
	_exit(EXIT_SUCCESS);
}

/* --- trying a stage --------------------------------------------------------------------------------------- */

/* Stamps take effect a while after they were asked for: a datagram to nobody, until one has a stamp. */
static bool sees_stamps(struct capture *capture)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 100000 && !capture->count; i++) {
		if (sendto(fd, "", 0, 0, (struct sockaddr *)&nobody, sizeof nobody) < 0)
			break;
		capture_drain(capture);
		sched_yield();
	}
	close(fd);
	return capture->count > 0;
}

_Noreturn void keeper_try(const struct settings *settings, enum stage_kind kind, int out)
{
	struct stage stage;
	struct capture capture;
	const char *witness = "";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!stage_make(&stage, kind, NULL, settings)) {
		dprintf(out, "%s\n\n", stage.why);
		_exit(EXIT_FAILURE);
	}
	if (kind == STAGE_HOST)
		witness = "the stage has no namespace of its own";
	else if (!capture_open(&capture, 0, &stage))
		witness = strerror(errno);
	else if (!sees_stamps(&capture))
		witness = "packets bear no time stamps";
	dprintf(out, "\n%s\n", witness);
	_exit(EXIT_SUCCESS);
}
