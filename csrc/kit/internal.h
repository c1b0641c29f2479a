/* SPDX-License-Identifier: Apache-2.0 */
/* What the kit's own files share; probes do not include this. */
#ifndef SOCKSPEC_KIT_INTERNAL_H
#define SOCKSPEC_KIT_INTERNAL_H

#include "kit.h"

/* --- events: one line of the log each ------------------------------------------------------- */

struct event {
	char text[4096]; /* PIPE_BUF on Linux: one write() of it is atomic */
	size_t used;
	bool first; /* nothing written yet in the innermost object */
};

/* Begins an event of a kind. */
void event_begin(struct event *event, const char *kind);
/* The readable form of a call: NAME(ARGUMENTS) = RESULT ERRNO  <TIME>  WHAT IT LEFT */
void event_begin_readable(struct event *event, const char *call);
void event_result_readable(struct event *event, const char *result, const char *error,
			   int64_t took_ns);
void event_number(struct event *event, const char *name, int64_t value);
void event_text(struct event *event, const char *name, const char *value);
/* What JSON has no quotes for: a number, null. */
void event_word(struct event *event, const char *name, const char *word);
void event_bool(struct event *event, const char *name, bool value);
/* At most 256 bytes of data; of more the beginning and a CRC-32 of all. */
void event_data(struct event *event, const char *name, const void *data, size_t size);
void event_name(struct event *event, const char *name, const struct name *value);
void event_open(struct event *event, const char *name);
void event_close(struct event *event);
void event_open_list(struct event *event, const char *name);
void event_list_number(struct event *event, int64_t value);
void event_close_list(struct event *event);
/* Writes the line; errno is kept. */
void event_end(struct event *event);

/* Whether the log is for a reader at a terminal. */
bool log_is_readable(void);
void log_open(void);

/* The current thread's name in the log; "main" is not written. */
extern _Thread_local const char *log_who;

/* --- calls ----------------------------------------------------------------------------------- */

/* A call under test while it is being logged. */
struct call {
	struct event event;
	const char *name;
	int64_t t_in;
	int64_t t_out;
	int error; /* errno as the call left it */
	bool saw;
	bool far;
};

/* For a library that stands between a probe and its libc: the name of the call under test that this thread
 * is making now, or NULL; whether it is one of the far host's. */
const char *sockspec_call_under_test(void);
bool sockspec_call_is_far(void);

/* Order: call_begin, call_arg_..., call_enter, THE CALL, call_left, call_saw_..., call_end. */
void call_begin(struct call *call, const char *name);
void call_arg_fd(struct call *call, const char *name, int fd);
void call_arg_number(struct call *call, const char *name, int64_t value);
void call_arg_text(struct call *call, const char *name, const char *value);
void call_arg_name(struct call *call, const struct name *value);
void call_arg_data(struct call *call, const char *name, const void *data, size_t size);
void call_enter(struct call *call);
/* Takes the time and errno first of all. */
void call_left(struct call *call, int64_t result);
/* The same of functions whose result is no sign of failure, is text, where NULL is failure, or is void. */
void call_left_number(struct call *call, int64_t result);
void call_left_text(struct call *call, const char *result);
void call_left_void(struct call *call);
void call_saw_number(struct call *call, const char *name, int64_t value);
void call_saw_text(struct call *call, const char *name, const char *value);
void call_saw_name(struct call *call, const struct name *value);
void call_saw_data(struct call *call, const void *data, size_t size);
/* What one of several buffers got. */
void call_saw_part(struct call *call, const char *name, const void *data, size_t size);
void call_end(struct call *call);

/* Memory that a call may write to holds FILL before it, and so do the GUARD bytes behind it. */
enum { FILL = 0xa5, GUARD = 64 };

/* How many bytes from the front of `bytes` up to the last one that is no longer `fill`. */
size_t touched_of(const unsigned char *bytes, size_t size, unsigned char fill);

/* What a receiving call left in a buffer of `size` bytes and the guard behind it: the data, and how many
 * bytes were changed behind them and beyond the buffer. */
void call_saw_buffer(struct call *call, const unsigned char *buffer, size_t size, ssize_t result);

/* Descriptors of the agent's and the kit's own have this number or a higher one; the lower ones are
 * the probe's. */
enum { KIT_FDS = 600 };

/* --- hosts, capabilities ---------------------------------------------------------------------- */

void side_of_fd_set(int fd, enum place side);
enum place side_of_fd(int fd);

/* Makes the calling thread one of the far host until it comes back; no-op on lo and host. */
void go_far(void);
void come_back(void);

void capabilities_aside(void);
void capabilities_back(void);

struct sock_filter;

/* A socket filter as set-up; ends the probe as unsupported where there are none. */
void filter_attach(int fd, const struct sock_filter *code, size_t count);

/* A number under /proc/sys/net; false (errno): it cannot be set, or would be everybody's. */
bool write_sysctl(const char *name, long value);

/* --- the scripted peer ------------------------------------------------------------------------ */

bool on_wire(void);

/* Lets the calling thread run on any processor again; the peer's own keeps to one. */
void unpin(void);

/* How long the peer waits for anything, and what it got and nobody took is forgotten: for its tests. */
extern int peer_patience_ms;
void peer_forget(void);

/* While set, what the peer waits for in vain is no event: it was a look. */
extern bool peer_only_looks;

/* An IP packet of the peer's as it is, right or wrong. */
void peer_sends_bytes(const unsigned char *bytes, size_t size);

/* The wire's fence(). */
void peer_fence(enum place from, const char *text);

/* --- symbols ------------------------------------------------------------------------------------ */

struct symbol {
	long value;
	const char *name;
};
#define SYMBOL(constant) {constant, #constant}
/* The symbol's name, or NULL. */
const char *symbol_of(const struct symbol *table, size_t count, long value);
/* "A|B|0x80" or "0". */
void flags_text(char *text, size_t size, const struct symbol *table, size_t count, long value);
const char *family_name(int family);
void message_flags_text(char *text, size_t size, int flags);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
