/* SPDX-License-Identifier: Apache-2.0 */
/* sockspec-agent: job lines in, record lines out. */
#include "agent.h"
#include "probe_table.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PARALLEL_MAX = 64,
	WAITING_MAX = 192, /* jobs that only wait for a time-out, beside those that run */
	SLOTS = PARALLEL_MAX + WAITING_MAX,
	INPUT_BYTES = 64 << 10,
	RECORD_MAX = 16 << 20, /* no keeper writes more */
	GRACE_MS = 5000,       /* what a keeper may take beyond its probe's limit */
	LINGERING_MAX =
		256, /* keepers that have spoken, and whose namespaces are being taken down */
};

/* A job that is running. */
struct slot {
	pid_t keeper; /* 0: free */
	bool waiting; /* it said so: it does not count as running */
	int fd;
	int64_t deadline;
	struct job job;
	struct text record;
	char folder[96]; /* on host; else empty */
};

struct agent {
	struct settings settings;
	struct slot slots[SLOTS];
	char input[INPUT_BYTES];
	size_t input_used;
	bool input_ended;
	unsigned lingering;
	unsigned records;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "sockspec-agent: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void write_out(const char *bytes, size_t size)
{
	while (size) {
		ssize_t wrote = write(STDOUT_FILENO, bytes, size);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			exit(3); /* whoever wanted the records is gone */
		bytes += wrote;
		size -= (size_t)wrote;
	}
}

/* --- keepers ------------------------------------------------------------------------------------- */

/* fork() into new namespaces.  The raw call: no libc offers it without a stack of one's own. */
static pid_t fork_into(int flags)
{
#ifdef __s390x__
	return (pid_t)syscall(SYS_clone, 0, flags | SIGCHLD, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
#endif
}

/* One more job may run while fewer do than are meant to at once, and no more than can wait wait. */
static struct slot *free_slot(struct agent *agent)
{
	struct slot *free = NULL;
	unsigned running = 0;
	unsigned waiting = 0;

	for (unsigned i = 0; i < SLOTS; i++) {
		struct slot *slot = &agent->slots[i];

		if (!slot->keeper)
			free = slot;
		else if (slot->waiting)
			waiting++;
		else
			running++;
	}
	return running < agent->settings.parallel && waiting < WAITING_MAX ? free : NULL;
}

static bool any_running(const struct agent *agent)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (agent->slots[i].keeper)
			return true;
	}
	return false;
}

static void emit(struct agent *agent, struct text *record)
{
	write_out(record->bytes, record->used);
	agent->records++;
	text_free(record);
}

static void emit_lost(struct agent *agent, const struct job *job, const char *why)
{
	struct text record = {.bytes = NULL};

	record_of_lost(&record, job, why);
	emit(agent, &record);
}

static void start_keeper(struct agent *agent, struct slot *slot)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2()");
	slot->folder[0] = '\0';
	slot->waiting = false;
	if (slot->job.stage == STAGE_HOST && !host_folder_name(slot->folder, sizeof slot->folder)) {
		errno = ENAMETOOLONG;
		die("TMPDIR");
	}
	slot->keeper = fork_into(stage_clone_flags(&agent->settings, slot->job.stage));
	if (!slot->keeper)
		keeper_main(&agent->settings, &slot->job, slot->folder, ends[1]);
	close(ends[1]);
	if (slot->keeper < 0) {
		slot->keeper = 0;
		close(ends[0]);
		emit_lost(agent, &slot->job, strerror(errno));
		return;
	}
	setpgid(slot->keeper, slot->keeper); /* whichever of the two comes first */
	slot->fd = ends[0];
	slot->deadline = steady_ns() + (agent->settings.limit_ms + GRACE_MS) * INT64_C(1000000);
}

/* Keepers are reaped when they come: taking down namespaces goes on in the background. */
static void reap_lingering(struct agent *agent, bool all)
{
	while (agent->lingering &&
	       waitpid(-1, NULL, all || agent->lingering > LINGERING_MAX ? 0 : WNOHANG) > 0)
		agent->lingering--;
}

static void release(struct agent *agent, struct slot *slot)
{
	close(slot->fd);
	if (slot->folder[0]) {
		kill(-slot->keeper, SIGKILL);	/* and whatever the probe left running */
		waitpid(slot->keeper, NULL, 0); /* or it might still use the folder */
		host_folder_remove(slot->folder);
	} else {
		agent->lingering++;
	}
	text_free(&slot->record);
	slot->keeper = 0;
}

static void lose(struct agent *agent, struct slot *slot, const char *why)
{
	kill(slot->keeper, SIGKILL);
	emit_lost(agent, &slot->job, why);
	release(agent, slot);
}

/* Takes what a keeper wrote: an empty line says that its probe waits; a record ends with a line break. */
static void take_record(struct agent *agent, struct slot *slot)
{
	char bytes[65536];
	ssize_t got = read(slot->fd, bytes, sizeof bytes);

	if (got < 0 && errno == EINTR)
		return;
	if (got <= 0) {
		lose(agent, slot, "its keeper ended without a record");
		return;
	}
	if (!slot->record.used && bytes[0] == '\n') {
		slot->waiting = true;
		got--;
		memmove(bytes, bytes + 1, (size_t)got);
	}
	text_add(&slot->record, bytes, (size_t)got);
	if (!slot->record.used)
		return;
	if (slot->record.used > RECORD_MAX)
		lose(agent, slot, "its record is too long");
	else if (slot->record.bytes[slot->record.used - 1] == '\n') {
		emit(agent, &slot->record);
		release(agent, slot);
	}
}

/* --- jobs ------------------------------------------------------------------------------------------ */

static bool lies_on_the_wire(const struct job *job)
{
	return job->lie && !strncmp(job->lie, "wire:", strlen("wire:"));
}

static void start_job(struct agent *agent, struct slot *slot, const char *line)
{
	const char *wrong = job_parse(&slot->job, line);

	if (!wrong && slot->job.lie && !lies_on_the_wire(&slot->job) && !agent->settings.liar)
		wrong = "lies need liar.so beside the folder of the probes";
	if (wrong)
		emit_lost(agent, &slot->job, wrong);
	else
		start_keeper(agent, slot);
}

/* Starts the next job whose line is complete; false: there is none. */
static bool start_next(struct agent *agent)
{
	struct slot *slot = free_slot(agent);
	char *end = memchr(agent->input, '\n', agent->input_used);
	size_t size;

	if (!slot || !end)
		return false;
	*end = '\0';
	size = (size_t)(end - agent->input) + 1;
	if (size > 1)
		start_job(agent, slot, agent->input);
	agent->input_used -= size;
	memmove(agent->input, end + 1, agent->input_used);
	return true;
}

static void read_input(struct agent *agent)
{
	ssize_t got = read(STDIN_FILENO, agent->input + agent->input_used,
			   sizeof agent->input - 1 - agent->input_used);

	if (got < 0 && errno == EINTR)
		return;
	if (got > 0) {
		agent->input_used += (size_t)got;
		return;
	}
	agent->input_ended = true;
	if (agent->input_used) /* a last line without its line break */
		agent->input[agent->input_used++] = '\n';
}

static int wait_ms(const struct agent *agent)
{
	int64_t next = INT64_MAX;

	for (unsigned i = 0; i < SLOTS; i++) {
		if (agent->slots[i].keeper && agent->slots[i].deadline < next)
			next = agent->slots[i].deadline;
	}
	if (next == INT64_MAX)
		return -1;
	next = (next - steady_ns()) / 1000000 + 1;
	return next < 0 ? 0 : next > 1000 ? 1000 : (int)next;
}

static void turn(struct agent *agent)
{
	struct pollfd pollers[SLOTS + 2];
	bool wants_input = !agent->input_ended && free_slot(agent);
	unsigned count = SLOTS;

	for (unsigned i = 0; i < count; i++)
		pollers[i] = (struct pollfd){.fd = agent->slots[i].keeper ? agent->slots[i].fd : -1,
					     .events = POLLIN};
	pollers[count] = (struct pollfd){.fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN};
	pollers[count + 1] = (struct pollfd){.fd = STDOUT_FILENO};
	if (poll(pollers, count + 2, wait_ms(agent)) < 0 && errno != EINTR)
		die("poll()");
	if (pollers[count + 1].revents & (POLLERR | POLLNVAL))
		exit(3); /* nobody reads the records any more */
	for (unsigned i = 0; i < count; i++) {
		if (!agent->slots[i].keeper)
			continue;
		if (pollers[i].revents)
			take_record(agent, &agent->slots[i]);
		else if (steady_ns() > agent->slots[i].deadline)
			lose(agent, &agent->slots[i], "its keeper hung");
	}
	if (pollers[count].revents)
		read_input(agent);
	reap_lingering(agent, false);
}

/* --- hello --------------------------------------------------------------------------------------------- */

static void strip_line(char *line)
{
	line[strcspn(line, "\n")] = '\0';
}

/* Makes a stage once, for nothing: why not, and why no witness; empty strings where it can be had. */
static void try_stage(const struct settings *settings, enum stage_kind kind, char *why_not,
		      char *why_blind, size_t size)
{
	FILE *answer;
	int ends[2];
	pid_t pid;

	snprintf(why_not, size, "the trial ended early");
	why_blind[0] = '\0';
	if (pipe2(ends, O_CLOEXEC))
		die("pipe2()");
	pid = fork_into(stage_clone_flags(settings, kind));
	if (!pid)
		keeper_try(settings, kind, ends[1]);
	if (pid < 0)
		snprintf(why_not, size, "clone() into new namespaces: %s", strerror(errno));
	close(ends[1]);
	answer = fdopen(ends[0], "r");
	if (!answer)
		die("fdopen()");
	if (pid > 0 && fgets(why_not, (int)size, answer) && fgets(why_blind, (int)size, answer))
		strip_line(why_blind);
	strip_line(why_not);
	fclose(answer);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void add_stage(struct text *hello, const struct settings *settings, enum stage_kind kind)
{
	char why_not[256];
	char why_blind[256];

	try_stage(settings, kind, why_not, why_blind, sizeof why_not);
	text_format(hello, "%s{\"name\":\"%s\",\"witness\":%s", kind ? "," : "", stage_names[kind],
		    why_not[0] || why_blind[0] ? "false" : "true");
	if (why_not[0]) {
		text_format(hello, ",\"why_not\":");
		text_string(hello, why_not);
	}
	text_byte(hello, '}');
}

static void add_fact(struct text *hello, const char *name, const char *value)
{
	text_format(hello, ",\"%s\":", name);
	text_string(hello, value);
}

/* The probes that may wait for seconds: whoever orders the jobs does well to begin with them. */
static void add_waiting(struct text *hello)
{
	bool first = true;

	for (size_t i = 0; i < probe_count; i++) {
		if (!probe_table[i].waits)
			continue;
		if (!first)
			text_byte(hello, ',');
		text_string(hello, probe_table[i].name);
		first = false;
	}
}

static void add_lies(struct text *hello, const struct settings *settings)
{
	bool wire = relay_is_there(settings->probes);

	text_format(hello, "],\"lies\":[%s%s%s", settings->liar ? "\"calls\"" : "",
		    settings->liar && wire ? "," : "", wire ? "\"wire\"" : "");
}

static void say_hello(const struct settings *settings)
{
	struct text hello = {.bytes = NULL};
	struct utsname system;

	if (uname(&system))
		die("uname()");
	text_format(&hello, "{\"kind\":\"hello\",\"schema\":1,\"sockspec\":\"%s\",\"stages\":[",
		    SOCKSPEC_VERSION);
	for (int i = 0; i < STAGE_COUNT; i++)
		add_stage(&hello, settings, (enum stage_kind)i);
	text_format(&hello, "],\"probes\":{");
	for (size_t i = 0; i < probe_count; i++)
		text_format(&hello, "%s\"%s\":\"%s\"", i ? "," : "", probe_table[i].name,
			    probe_table[i].hash);
	text_format(&hello, "},\"waits\":[");
	add_waiting(&hello);
	add_lies(&hello, settings);
	text_format(&hello, "],\"facts\":{\"uid\":%u,\"user_namespaces\":%s",
		    (unsigned)settings->uid, settings->user_namespaces ? "true" : "false");
	add_fact(&hello, "system", system.sysname);
	add_fact(&hello, "kernel", system.release);
	add_fact(&hello, "kernel_build", system.version);
	add_fact(&hello, "machine", system.machine);
	text_format(&hello, "}}\n");
	write_out(hello.bytes, hello.used);
	text_free(&hello);
}

/* Root may make namespaces without a user namespace, where those are forbidden. */
static void choose_namespaces(struct settings *settings)
{
	char why_not[256];
	char why_blind[256];

	settings->user_namespaces = true;
	if (settings->uid)
		return;
	try_stage(settings, STAGE_LO, why_not, why_blind, sizeof why_not);
	settings->user_namespaces = !why_not[0];
}

/* --- main ----------------------------------------------------------------------------------------------- */

static const char usage[] =
	"usage: sockspec-agent --probes DIR [--parallel N] [--limit-ms N] [--wire KIND] [--hello]\n"
	"\n"
	"Reads jobs from standard input, a line each: PROBE STAGE NAME=VALUE...\n"
	"Writes a hello line, a record for each job, and a bye line, as JSON Lines.\n"
	"\n"
	"  --probes DIR   where the probes are, as INTERFACE/BEHAVIOUR\n"
	"  --parallel N   jobs at once, 1 to 64 (default: three times the processors)\n"
	"  --limit-ms N   ends a probe after that long (default: 10000)\n"
	"  --wire KIND    joins the scripted peer by veth, or by tun (default: whichever works)\n"
	"  --hello        says hello and ends\n";

static _Noreturn void wrong_usage(const char *what)
{
	fprintf(stderr, "sockspec-agent: %s\n%s", what, usage);
	exit(2);
}

static unsigned number_of(const char *text, unsigned most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || !value || value > most)
		wrong_usage("a number is out of range");
	return (unsigned)value;
}

static enum wire_kind wire_of(const char *text)
{
	if (!strcmp(text, "veth"))
		return WIRE_VETH;
	if (strcmp(text, "tun") != 0)
		wrong_usage("--wire is veth or tun");
	return WIRE_TUN;
}

static unsigned default_parallel(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 1)
		return 2;
	return processors * 3 < PARALLEL_MAX ? (unsigned)processors * 3 : PARALLEL_MAX;
}

/* The liar is built beside the probes, where there is one. */
static void find_liar(struct settings *settings)
{
	static char liar[PATH_MAX];
	char path[PATH_MAX + sizeof "/../liar.so"];

	snprintf(path, sizeof path, "%s/../liar.so", settings->probes);
	if (access(path, R_OK) == 0)
		settings->liar = realpath(path, liar);
}

static bool read_options(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{"probes", required_argument, NULL, 'p'},
		{"parallel", required_argument, NULL, 'n'},
		{"limit-ms", required_argument, NULL, 'l'},
		{"wire", required_argument, NULL, 'w'},
		{"hello", no_argument, NULL, 'h'},
		{"help", no_argument, NULL, '?'},
		{NULL, 0, NULL, 0},
	};
	static char probes[PATH_MAX];
	bool only_hello = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'p')
			settings->probes = realpath(optarg, probes);
		else if (option == 'n')
			settings->parallel = number_of(optarg, PARALLEL_MAX);
		else if (option == 'l')
			settings->limit_ms = number_of(optarg, 3600000);
		else if (option == 'w')
			settings->wire = wire_of(optarg);
		else if (option == 'h')
			only_hello = true;
		else
			wrong_usage("these are its options:");
	}
	if (!settings->probes)
		wrong_usage("--probes names no folder");
	find_liar(settings);
	return only_hello;
}

int main(int argc, char **argv)
{
	static struct agent agent;
	bool only_hello;

	close_from(STDERR_FILENO +
		   1); /* strays of whoever started us are no business of the probes */
	agent.settings = (struct settings){
		.parallel = default_parallel(),
		.limit_ms = 10000,
		.uid = geteuid(),
		.gid = getegid(),
	};
	only_hello = read_options(&agent.settings, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	capture_warm_up();
	choose_namespaces(&agent.settings);
	say_hello(&agent.settings);
	if (only_hello)
		return EXIT_SUCCESS;
	while (!agent.input_ended || agent.input_used || any_running(&agent)) {
		if (!start_next(&agent))
			turn(&agent);
	}
	reap_lingering(&agent, true);
	dprintf(STDOUT_FILENO, "{\"kind\":\"bye\",\"records\":%u}\n", agent.records);
	return EXIT_SUCCESS;
}
