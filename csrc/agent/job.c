/* SPDX-License-Identifier: Apache-2.0 */
/* Job lines: PROBE STAGE NAME=VALUE..., one blank between; lie=RULE at the end is for the agent. */
#include "agent.h"
#include "probe_table.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

const char *const stage_names[STAGE_COUNT] = {"lo", "pair", "wire", "host"};

const char *probe_hash(const char *probe)
{
	for (size_t i = 0; i < probe_count; i++) {
		if (!strcmp(probe_table[i].name, probe))
			return probe_table[i].hash;
	}
	return NULL;
}

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._:+,%-=/";

	return word[strspn(word, plain)] == '\0';
}

static bool find_stage(struct job *job, const char *word)
{
	for (int i = 0; i < STAGE_COUNT; i++) {
		if (strcmp(word, stage_names[i]) != 0)
			continue;
		job->stage = (enum stage_kind)i;
		return true;
	}
	return false;
}

const char *job_parse(struct job *job, const char *line)
{
	char *rest = NULL;
	char *word;

	*job = (struct job){.stage = STAGE_HOST};
	snprintf(job->key, sizeof job->key, "%s", line);
	snprintf(job->line, sizeof job->line, "%s", line);
	if (strlen(line) >= sizeof job->line)
		return "the job's line is too long";
	job->probe = strtok_r(job->line, " ", &rest);
	if (!job->probe || !is_plain(job->probe) || !probe_hash(job->probe))
		return "there is no such probe";
	word = strtok_r(NULL, " ", &rest);
	if (!word || !find_stage(job, word))
		return "there is no such stage";
	while ((word = strtok_r(NULL, " ", &rest))) {
		if (!is_plain(word) || !strchr(word, '='))
			return "a variant is NAME=VALUE";
		if (job->lie)
			return "lie=RULE has to be the job's last word";
		if (!strncmp(word, "lie=", 4)) {
			job->lie = word + 4;
			continue;
		}
		if (job->variants == JOB_WORDS)
			return "the job has too many variants";
		job->variant[job->variants++] = word;
	}
	return NULL;
}

void close_from(int first)
{
	long most = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (!syscall(SYS_close_range, (unsigned)first, ~0U, 0))
		return;
#endif
	for (int fd = first; fd < most && fd < 65536; fd++)
		close(fd);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t real_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t steady_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
