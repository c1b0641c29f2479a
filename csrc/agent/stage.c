/* SPDX-License-Identifier: Apache-2.0 */
/* Stages: what a job runs on, made by the job's keeper in namespaces of its own. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RELAY_BUFFER_BYTES = 4 << 20 };

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

static bool make_wire_of_tun(struct stage *stage)
{
	stage->peer_fd = link_make_tun(stage->why, sizeof stage->why);
	return stage->peer_fd >= 0;
}

/* TUN first: one device and one namespace are less to make, and to take down, than two of each.  What
 * cannot be had of both is told of veth, which more systems have. */
static bool make_wire(struct stage *stage, enum wire_kind wire)
{
	if (wire != WIRE_VETH && make_wire_of_tun(stage))
		return true;
	return wire != WIRE_TUN && make_wire_of_veth(stage);
}

/* On host there is only the folder; a mere trial needs none. */
static bool make_host(struct stage *stage, const char *folder)
{
	if (!folder)
		return true;
	snprintf(stage->folder, sizeof stage->folder, "%s", folder);
	return !mkdir(folder, 0700) || fail(stage, "a folder for the job (TMPDIR)");
}

/* What the peer has instead of the link: packets keep their ends, and none is lost. */
static bool join_relay(struct stage *stage)
{
	int size = RELAY_BUFFER_BYTES;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
		return fail(stage, "socketpair()");
	for (int i = 0; i < 2; i++) {
		if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
			setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	}
	stage->tap_fd = capture_socket((int)if_nametoindex("near"));
	if (stage->tap_fd < 0)
		return fail(stage, "socket(AF_PACKET)");
	stage->inner_fd = stage->peer_fd;
	stage->inner_ether = stage->peer_ether;
	stage->peer_fd = ends[0];
	stage->peer_ether = false;
	stage->relay_fd = ends[1];
	return true;
}

bool stage_part(struct stage *stage)
{
	int near_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	bool made;

	if (near_fd < 0 || unshare(CLONE_NEWNET))
		return fail(stage, "a network namespace for the relay");
	stage->near_fd = near_fd;
	stage->outer_net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	made = stage->outer_net >= 0 &&
	       link_make_outer(stage->peer_ether, stage->outer_net, &stage->outer, stage->why,
			       sizeof stage->why);
	if (setns(near_fd, CLONE_NEWNET))
		return fail(stage, "back from the relay's network namespace");
	return made && join_relay(stage);
}

bool stage_make(struct stage *stage, enum stage_kind kind, const char *folder,
		const struct settings *settings)
{
	*stage = (struct stage){.kind = kind,
				.near_fd = -1,
				.far_fd = -1,
				.peer_fd = -1,
				.outer_net = -1,
				.tap_fd = -1,
				.inner_fd = -1,
				.relay_fd = -1};
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
