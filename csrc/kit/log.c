/* SPDX-License-Identifier: Apache-2.0 */
/* The event log: JSON lines for the agent, or a readable trace for a person. */
#include "internal.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { DATA_SHOWN = 256, TEXT_SHOWN = 300 };

static int log_fd = -1;
static bool readable;
static int64_t t0;
_Thread_local const char *log_who = "main";

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t now_ns(void)
{
	return clock_ns() - t0;
}

bool log_is_readable(void)
{
	return readable;
}

static int64_t number_from_environment(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoll(text, NULL, 10) : otherwise;
}

void log_open(void)
{
	log_fd = (int)number_from_environment("SOCKSPEC_LOG", -1);
	readable = log_fd < 0;
	if (readable)
		log_fd = STDOUT_FILENO;
	t0 = number_from_environment("SOCKSPEC_T0", clock_ns());
}

static void append(struct event *event, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What does not fit is cut; the line then is not JSON, which the agent notices and says. */
static void append(struct event *event, const char *format, ...)
{
	size_t room = sizeof event->text - event->used;
	va_list list;
	int wrote;

	va_start(list, format);
	wrote = vsnprintf(event->text + event->used, room, format, list);
	va_end(list);
	if (wrote > 0)
		event->used += (size_t)wrote < room ? (size_t)wrote : room - 1;
}

/* Any byte that is not plain ASCII is escaped as if it were Latin-1: the line is always UTF-8. */
static void append_quoted(struct event *event, const char *value)
{
	append(event, "\"");
	for (size_t i = 0; value[i] && i < TEXT_SHOWN; i++) {
		unsigned char byte = (unsigned char)value[i];

		if (byte == '"' || byte == '\\')
			append(event, "\\%c", byte);
		else if (byte < 0x20 || byte > 0x7e)
			append(event, "\\u%04x", byte);
		else
			append(event, "%c", byte);
	}
	append(event, "\"");
}

static void append_key(struct event *event, const char *name)
{
	if (!event->first)
		append(event, readable ? ", " : ",");
	event->first = false;
	if (readable)
		append(event, "%s=", name);
	else
		append(event, "\"%s\":", name);
}

void event_begin(struct event *event, const char *kind)
{
	event->used = 0;
	event->first = true;
	if (readable) {
		append(event, "%-11s ", kind);
		return;
	}
	append(event, "{");
	event_text(event, "e", kind);
}

void event_begin_readable(struct event *event, const char *call)
{
	event->used = 0;
	event->first = true;
	append(event, "%s(", call);
}

void event_result_readable(struct event *event, const char *result, const char *error,
			   int64_t took_ns)
{
	append(event, ") = %s", result);
	if (error)
		append(event, " %s", error);
	append(event, "  <%" PRId64 ".%" PRId64 " us>", took_ns / 1000, took_ns % 1000 / 100);
	append(event, "  ");
	event->first = true;
}

void event_number(struct event *event, const char *name, int64_t value)
{
	append_key(event, name);
	append(event, "%" PRId64, value);
}

void event_word(struct event *event, const char *name, const char *word)
{
	append_key(event, name);
	append(event, "%s", word);
}

void event_bool(struct event *event, const char *name, bool value)
{
	append_key(event, name);
	append(event, "%s", value ? "true" : "false");
}

void event_text(struct event *event, const char *name, const char *value)
{
	append_key(event, name);
	if (readable)
		append(event, "%s", value);
	else
		append_quoted(event, value);
}

/* The CRC-32 of zlib and Ethernet (polynomial 0xedb88320, reflected), a byte at a time. */
static uint32_t crc32_of(const unsigned char *data, size_t size)
{
	uint32_t table[256];
	uint32_t crc = 0xffffffff;

	for (uint32_t byte = 0; byte < 256; byte++) {
		table[byte] = byte;
		for (int bit = 0; bit < 8; bit++)
			table[byte] = (table[byte] >> 1) ^ (0xedb88320 & (0U - (table[byte] & 1)));
	}
	for (size_t i = 0; i < size; i++)
		crc = (crc >> 8) ^ table[(crc ^ data[i]) & 0xff];
	return ~crc;
}

void event_data(struct event *event, const char *name, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t shown = size < DATA_SHOWN ? size : DATA_SHOWN;
	char crc[9];

	append_key(event, name);
	append(event, readable ? "" : "\"");
	for (size_t i = 0; i < shown; i++)
		append(event, "%02x", bytes[i]);
	append(event, readable ? "" : "\"");
	if (shown == size)
		return;
	snprintf(crc, sizeof crc, "%08" PRIx32, crc32_of(bytes, size));
	event_text(event, "crc32", crc);
}

void event_open(struct event *event, const char *name)
{
	append_key(event, name);
	append(event, "{");
	event->first = true;
}

void event_close(struct event *event)
{
	append(event, "}");
	event->first = false;
}

void event_open_list(struct event *event, const char *name)
{
	append_key(event, name);
	append(event, "[");
	event->first = true;
}

void event_list_number(struct event *event, int64_t value)
{
	append(event, event->first ? "%" PRId64 : ",%" PRId64, value);
	event->first = false;
}

void event_close_list(struct event *event)
{
	append(event, "]");
	event->first = false;
}

static void name_fields(struct event *event, const struct name *value)
{
	char host[INET6_ADDRSTRLEN] = "";

	switch (value->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &value->in.sin_addr, host, sizeof host);
		event_text(event, "host", host);
		event_number(event, "port", ntohs(value->in.sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &value->in6.sin6_addr, host, sizeof host);
		event_text(event, "host", host);
		event_number(event, "port", ntohs(value->in6.sin6_port));
		if (value->in6.sin6_scope_id)
			event_number(event, "scope", value->in6.sin6_scope_id);
		if (value->in6.sin6_flowinfo)
			event_number(event, "flow", ntohl(value->in6.sin6_flowinfo));
		break;
	default:
		break;
	}
}

static void unix_fields(struct event *event, const struct name *value)
{
	size_t length = value->length > sizeof value->un ? sizeof value->un : value->length;
	size_t size = length - offsetof(struct sockaddr_un, sun_path);
	bool abstract = value->un.sun_path[0] == '\0';
	char path[sizeof value->un.sun_path + 1] = "";

	if (length <= offsetof(struct sockaddr_un, sun_path)) {
		event_bool(event, "unnamed", true);
		return;
	}
	memcpy(path, value->un.sun_path + abstract, size - abstract);
	event_text(event, abstract ? "abstract" : "path", path);
}

void event_name(struct event *event, const char *name, const struct name *value)
{
	event_open(event, name);
	if (value->length < sizeof value->any.sa_family) {
		event_bool(event, "none", true);
		event_close(event);
		return;
	}
	event_text(event, "family", family_name(value->any.sa_family));
	if (value->any.sa_family == AF_UNIX)
		unix_fields(event, value);
	else
		name_fields(event, value);
	event_close(event);
}

void event_end(struct event *event)
{
	int saved = errno;
	size_t done = 0;

	append(event, readable ? "\n" : "}\n");
	event->text[event->used - 1] = '\n'; /* also where the line was cut */
	while (done < event->used) {
		ssize_t wrote = write(log_fd, event->text + done, event->used - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			break; /* the agent is gone, and this process soon too */
		done += (size_t)wrote;
	}
	errno = saved;
}

/* --- simple events ----------------------------------------------------------------------------- */

static void event_end_timed(struct event *event)
{
	if (!readable)
		event_number(event, "t", now_ns());
	event_end(event);
}

void step(const char *format, ...)
{
	struct event event;
	char name[TEXT_SHOWN];
	va_list list;

	va_start(list, format);
	vsnprintf(name, sizeof name, format, list);
	va_end(list);
	event_begin(&event, "step");
	event_text(&event, "name", name);
	event_end_timed(&event);
}

void note_number(const char *name, int64_t value)
{
	struct event event;

	event_begin(&event, "note");
	event_text(&event, "name", name);
	event_number(&event, "value", value);
	event_end_timed(&event);
}

void note_text(const char *name, const char *value)
{
	struct event event;

	event_begin(&event, "note");
	event_text(&event, "name", name);
	event_text(&event, "value", value);
	event_end_timed(&event);
}

void note_bytes(const char *name, const void *bytes, size_t size)
{
	struct event event;

	if (size > DATA_SHOWN)
		fault("a note of %zu bytes", size);
	event_begin(&event, "note");
	event_text(&event, "name", name);
	event_data(&event, "value", bytes, size);
	event_end_timed(&event);
}

void note_errno(const char *name, int error)
{
	note_text(name, errno_name(error));
}

void note_name(const char *what, const struct name *name)
{
	struct event event;

	event_begin(&event, "note");
	event_text(&event, "name", what);
	event_name(&event, "value", name);
	event_end_timed(&event);
}

/* Exit status 3: the agent and a person both see that no behaviour was tested. */
enum { EXIT_OF_A_FAULT = 3 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static _Noreturn void end_with(const char *kind, const char *what, int error, const char *where,
			       int status)
{
	struct event event;

	event_begin(&event, kind);
	event_text(&event, "what", what);
	if (error)
		event_text(&event, "errno", errno_name(error));
	if (where)
		event_text(&event, "where", where);
	event_end_timed(&event);
	_exit(status);
}

void fault_at(const char *what, int error, const char *file, int line)
{
	char where[80];

	snprintf(where, sizeof where, "%s:%d", base_name(file), line);
	end_with("fault", what, error, where, EXIT_OF_A_FAULT);
}

void fault_format(const char *file, int line, const char *format, ...)
{
	char what[TEXT_SHOWN];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof what, format, list);
	va_end(list);
	fault_at(what, 0, file, line);
}

void unsupported(const char *what, int error)
{
	end_with("unsupported", what, error, NULL, EXIT_SUCCESS);
}

void unavailable(const char *what, int error)
{
	end_with("unavailable", what, error, NULL, EXIT_SUCCESS);
}

void waits(const char *why)
{
	struct event event;

	event_begin(&event, "waits");
	event_text(&event, "why", why);
	if (!log_is_readable())
		event_number(&event, "t", now_ns());
	event_end(&event);
}
