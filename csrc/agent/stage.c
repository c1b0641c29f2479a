/* SPDX-License-Identifier: Apache-2.0 */
/* Stages: what a job runs on, made by the job's keeper in namespaces of its own. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int stage_clone_flags(const struct settings *settings, enum stage_kind kind)
{
	if (kind == STAGE_HOST)
		return 0;
	return CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS |
	       (settings->user_namespaces ? CLONE_NEWUSER : 0);
}

static bool fail(struct stage *stage, const char *what)
{
	snprintf(stage->why, sizeof stage->why, "%s: %s", what, strerror(errno));
	return false;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool wrote = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return wrote;
}

/* user_namespaces(7): a process may map its own user alone, once setgroups() is denied. */
static bool map_user(struct stage *stage, uid_t uid, gid_t gid)
{
	char line[64];

	if (!write_file("/proc/self/setgroups", "deny") && errno != ENOENT)
		return fail(stage, "/proc/self/setgroups");
	snprintf(line, sizeof line, "0 %u 1", (unsigned)uid);
	if (!write_file("/proc/self/uid_map", line))
		return fail(stage, "/proc/self/uid_map");
	snprintf(line, sizeof line, "0 %u 1", (unsigned)gid);
	if (!write_file("/proc/self/gid_map", line))
		return fail(stage, "/proc/self/gid_map");
	return true;
}

static bool is_under(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

/* A folder to mount on, that hides neither the probes nor the libraries they need. */
static const char *mount_point(const char *probes)
{
	static const char *const candidates[] = {"/mnt", "/media", "/srv", "/tmp"};
	struct stat status;

	for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
		if (!stat(candidates[i], &status) && S_ISDIR(status.st_mode) &&
		    !is_under(probes, candidates[i]))
			return candidates[i];
	}
	return NULL;
}

/* An empty folder and a /proc of its own.  Where /proc may not be mounted (inside a container that
 * hides a part of it) the old one serves: /proc/self and /proc/thread-self mean the right thing. */
static bool make_folders(struct stage *stage, const char *probes)
{
	const char *folder = mount_point(probes);

	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
		return fail(stage, "mount(MS_PRIVATE)");
	if (!folder) {
		errno = ENOENT;
		return fail(stage, "no folder to mount a file system on");
	}
	if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=64m,mode=700"))
		return fail(stage, "mount(tmpfs)");
	snprintf(stage->folder, sizeof stage->folder, "%s", folder);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return true;
}

/* A second network namespace; this one stays the current one. */
static bool make_far(struct stage *stage)
{
	stage->near_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (stage->near_fd < 0)
		return fail(stage, "/proc/self/ns/net");
	if (unshare(CLONE_NEWNET))
		return fail(stage, "unshare(CLONE_NEWNET)");
	stage->far_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (stage->far_fd < 0 || setns(stage->near_fd, CLONE_NEWNET))
		return fail(stage, "a second network namespace");
	return true;
}

static bool make_pair(struct stage *stage)
{
	return make_far(stage) &&
	       link_make_pair(stage->near_fd, stage->far_fd, stage->why, sizeof stage->why);
}

static bool make_wire_of_veth(struct stage *stage)
{
	if (!make_far(stage))
		return false;
	stage->peer_fd =
		link_make_wire(stage->near_fd, stage->far_fd, stage->why, sizeof stage->why);
	stage->peer_ether = stage->peer_fd >= 0;
	return stage->peer_ether;
}

/* What cannot be had of both is told of the first. */
static bool make_wire(struct stage *stage, enum wire_kind wire)
{
	char why[sizeof stage->why];

	if (wire != WIRE_TUN && make_wire_of_veth(stage))
		return true;
	if (wire == WIRE_VETH)
		return false;
	stage->peer_fd = link_make_tun(why, sizeof why);
	if (stage->peer_fd < 0 && wire == WIRE_TUN)
		snprintf(stage->why, sizeof stage->why, "%s", why);
	return stage->peer_fd >= 0;
}

/* On host there is only the folder; a mere trial needs none. */
static bool make_host(struct stage *stage, const char *folder)
{
	if (!folder)
		return true;
	snprintf(stage->folder, sizeof stage->folder, "%s", folder);
	return !mkdir(folder, 0700) || fail(stage, "a folder for the job (TMPDIR)");
}

bool stage_make(struct stage *stage, enum stage_kind kind, const char *folder,
		const struct settings *settings)
{
	*stage = (struct stage){.kind = kind, .near_fd = -1, .far_fd = -1, .peer_fd = -1};
	if (kind == STAGE_HOST)
		return make_host(stage, folder);
	if (settings->user_namespaces && !map_user(stage, settings->uid, settings->gid))
		return false;
	if (!make_folders(stage, settings->probes))
		return false;
	if (kind == STAGE_PAIR)
		return make_pair(stage);
	if (kind == STAGE_WIRE)
		return make_wire(stage, settings->wire);
	return link_make_lo(stage->why, sizeof stage->why);
}

bool host_folder_name(char *path, size_t size)
{
	static unsigned count;
	const char *base = getenv("TMPDIR");
	int used = snprintf(path, size, "%s/sockspec-%d-%u", base ? base : "/tmp", (int)getpid(),
			    ++count);

	return (size_t)used < size;
}

/* Probes make files in their folder only, and no folders in it. */
bool host_folder_remove(const char *path)
{
	DIR *folder = opendir(path);

	for (struct dirent *entry; folder && (entry = readdir(folder));)
		unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	return !rmdir(path) || errno == ENOENT;
}
