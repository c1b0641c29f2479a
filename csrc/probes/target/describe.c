/* SPDX-License-Identifier: Apache-2.0 */
/* What the system under test is: its libc, its numbers and its settings. */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

static void note_libc(void)
{
#ifdef __GLIBC__
	note_text("libc", "glibc");
	note_text("libc_version", gnu_get_libc_version());
#elif defined(__dietlibc__)
	note_text("libc", "dietlibc");
#elif defined(__KLIBC__)
	note_text("libc", "klibc");
#else
	note_text("libc", "musl or another that does not say");
#endif
}

static void note_compiler(void)
{
#if defined(__clang__)
	note_text("compiler", "clang " __clang_version__);
#elif defined(__GNUC__)
	note_text("compiler", "gcc " __VERSION__);
#endif
}

static void note_byte_order(void)
{
	const uint16_t one = 1;
	unsigned char first;

	memcpy(&first, &one, 1);
	note_text("byte_order", first ? "little" : "big");
}

/* The coarse clock's resolution is one tick. */
static void note_hz(void)
{
#ifdef CLOCK_REALTIME_COARSE
	struct timespec tick;

	if (!clock_getres(CLOCK_REALTIME_COARSE, &tick) && tick.tv_nsec)
		note_number("hz", (1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
#endif
}

/* A file's first line; nothing is noted where it cannot be read. */
static void note_file(const char *name, const char *path)
{
	char text[160];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return;
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	note_text(name, text);
}

/* The settings that change what the claims speak of: ip-sysctl of the kernel's documentation. */
static void note_settings(void)
{
	static const char *const settings[] = {
		"net/core/rmem_default",
		"net/core/rmem_max",
		"net/core/somaxconn",
		"net/core/wmem_default",
		"net/core/wmem_max",
		"net/ipv4/ip_local_port_range",
		"net/ipv4/ip_nonlocal_bind",
		"net/ipv4/ip_unprivileged_port_start",
		"net/ipv4/tcp_abort_on_overflow",
		"net/ipv4/tcp_congestion_control",
		"net/ipv4/tcp_fastopen",
		"net/ipv4/tcp_fin_timeout",
		"net/ipv4/tcp_max_syn_backlog",
		"net/ipv4/tcp_rmem",
		"net/ipv4/tcp_sack",
		"net/ipv4/tcp_syn_retries",
		"net/ipv4/tcp_syncookies",
		"net/ipv4/tcp_timestamps",
		"net/ipv4/tcp_tw_reuse",
		"net/ipv4/tcp_window_scaling",
		"net/ipv4/tcp_wmem",
		"net/ipv6/bindv6only",
		"net/unix/max_dgram_qlen",
	};

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		char path[96];
		char name[96];

		snprintf(path, sizeof path, "/proc/sys/%s", settings[i]);
		snprintf(name, sizeof name, "sysctl:%s", settings[i]);
		note_file(name, path);
	}
}

/* What a kernel may be built without: "yes" also where this program may not have such a socket. */
static void note_kind(const char *name, int domain, int type, int protocol)
{
	int s = socket(domain, type, protocol);
	bool lacks = s < 0 && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
			       errno == ESOCKTNOSUPPORT);

	if (s >= 0)
		close(s);
	note_text(name, lacks ? "no" : "yes");
}

static void note_kinds(void)
{
#ifdef AF_KEY
	enum { PF_KEY_VERSION = 2 }; /* RFC 2367, 1.3 */

	note_kind("key_sockets", AF_KEY, SOCK_RAW, PF_KEY_VERSION);
#endif
#ifdef IPPROTO_SCTP
	note_kind("sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP);
#endif
#ifdef AF_TIPC
	note_kind("tipc", AF_TIPC, SOCK_STREAM, 0);
#endif
}

static void note_capabilities(void)
{
	char line[160];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof line, status)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "CapPrm:\t", 8))
			note_text("capabilities_permitted", line + 8);
		else if (!strncmp(line, "CapEff:\t", 8))
			note_text("capabilities_effective", line + 8);
	}
	if (status)
		fclose(status);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	note_libc();
	note_compiler();
	note_number("word_bits", (int64_t)(8 * sizeof(long)));
	note_number("pointer_bits", (int64_t)(8 * sizeof(void *)));
	note_byte_order();
	note_hz();
	note_number("page_bytes", sysconf(_SC_PAGESIZE));
	note_number("uid", getuid());
	note_capabilities();
	note_kinds();
	note_settings();
	return probe_end();
}
