/* SPDX-License-Identifier: Apache-2.0 */
/* The calls under test: each is made once, and logged whole. */
#include "internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>

/* --- how a call is logged ---------------------------------------------------------------------- */

/* The call under test that this thread is making. */
static _Thread_local const struct call *under_test;

const char *sockspec_call_under_test(void)
{
	return under_test ? under_test->name : NULL;
}

bool sockspec_call_is_far(void)
{
	return under_test && under_test->far;
}

void call_begin(struct call *call, const char *name)
{
	call->name = name;
	call->saw = false;
	call->far = false;
	if (log_is_readable()) {
		event_begin_readable(&call->event, name);
		return;
	}
	event_begin(&call->event, "call");
	event_text(&call->event, "call", name);
	event_open(&call->event, "args");
}

void call_arg_number(struct call *call, const char *name, int64_t value)
{
	event_number(&call->event, name, value);
}

void call_arg_fd(struct call *call, const char *name, int fd)
{
	event_number(&call->event, name, fd);
	call->far = side_of_fd(fd) == FAR;
}

void call_arg_text(struct call *call, const char *name, const char *value)
{
	event_text(&call->event, name, value);
}

void call_arg_name(struct call *call, const struct name *value)
{
	event_name(&call->event, "address", value);
	event_number(&call->event, "length", value->length);
}

void call_arg_data(struct call *call, const char *name, const void *data, size_t size)
{
	event_data(&call->event, name, data, size);
}

void call_enter(struct call *call)
{
	if (!log_is_readable())
		event_close(&call->event);
	under_test = call;
	errno = 0;
	call->t_in = now_ns();
}

static void call_stop(struct call *call)
{
	call->error = errno;
	call->t_out = now_ns();
	under_test = NULL;
}

/* Logs the result in the given way, event_word() or event_text(); if it failed, errno too. */
static void call_returned(struct call *call, const char *result,
			  void (*log_result)(struct event *, const char *, const char *),
			  bool failed)
{
	const char *error = failed ? errno_name(call->error) : NULL;

	if (log_is_readable()) {
		event_result_readable(&call->event, result, error, call->t_out - call->t_in);
	} else {
		event_number(&call->event, "t_in", call->t_in);
		event_number(&call->event, "t_out", call->t_out);
		log_result(&call->event, "result", result);
		if (error)
			event_text(&call->event, "errno", error);
	}
	if (strcmp(log_who, "main") != 0)
		event_text(&call->event, "who", log_who);
	if (call->far)
		event_text(&call->event, "side", "far");
}

static void call_returned_number(struct call *call, int64_t result, bool failed)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, result);
	call_returned(call, text, event_word, failed);
}

void call_left(struct call *call, int64_t result)
{
	call_stop(call);
	call_returned_number(call, result, result == -1);
}

void call_left_number(struct call *call, int64_t result)
{
	call_stop(call);
	call_returned_number(call, result, false);
}

void call_left_text(struct call *call, const char *result)
{
	call_stop(call);
	if (result)
		call_returned(call, result, event_text, false);
	else
		call_returned(call, "null", event_word, true);
}

void call_left_void(struct call *call)
{
	call_stop(call);
	call_returned(call, "null", event_word, false);
}

static void open_saw(struct call *call)
{
	if (!call->saw)
		event_open(&call->event, "saw");
	call->saw = true;
}

void call_saw_number(struct call *call, const char *name, int64_t value)
{
	open_saw(call);
	event_number(&call->event, name, value);
}

void call_saw_text(struct call *call, const char *name, const char *value)
{
	open_saw(call);
	event_text(&call->event, name, value);
}

void call_saw_name(struct call *call, const struct name *value)
{
	open_saw(call);
	event_name(&call->event, "address", value);
}

void call_saw_data(struct call *call, const void *data, size_t size)
{
	call_saw_part(call, "data", data, size);
}

void call_saw_part(struct call *call, const char *name, const void *data, size_t size)
{
	open_saw(call);
	event_data(&call->event, name, data, size);
}

void call_end(struct call *call)
{
	if (call->saw)
		event_close(&call->event);
	event_end(&call->event);
	errno = call->error;
}

/* --- calls without output ------------------------------------------------------------------------ */

static const struct symbol types[] = {
	SYMBOL(SOCK_STREAM), SYMBOL(SOCK_DGRAM), SYMBOL(SOCK_SEQPACKET), SYMBOL(SOCK_RAW),
#ifdef SOCK_RDM
	SYMBOL(SOCK_RDM),
#endif
#ifdef SOCK_PACKET
	SYMBOL(SOCK_PACKET),
#endif
};

static void type_text(char *text, size_t size, int type)
{
	int base = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	const char *name = symbol_of(types, COUNT(types), base);
	char number[16];

	snprintf(number, sizeof number, "%d", base);
	snprintf(text, size, "%s%s%s", name ? name : number,
		 type & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "",
		 type & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "");
}

static int see_socket_on(enum place side, int domain, int type, int protocol, bool privileged)
{
	char text[64];
	struct call call;
	int fd;

	type_text(text, sizeof text, type);
	call_begin(&call, "socket");
	call_arg_text(&call, "domain", family_name(domain));
	call_arg_text(&call, "type", text);
	call_arg_number(&call, "protocol", protocol);
	call.far = side == FAR;
	if (side == FAR)
		go_far();
	if (privileged)
		capabilities_back();
	call_enter(&call);
	fd = socket(domain, type, protocol);
	call_left(&call, fd);
	if (privileged)
		capabilities_aside();
	if (side == FAR)
		come_back();
	side_of_fd_set(fd, side);
	call_end(&call);
	return fd;
}

int see_socket(int domain, int type, int protocol)
{
	return see_socket_on(NEAR, domain, type, protocol, false);
}

int see_socket_far(int domain, int type, int protocol)
{
	return see_socket_on(FAR, domain, type, protocol, false);
}

int see_socket_privileged(enum place side, int domain, int type, int protocol)
{
	int fd = see_socket_on(side, domain, type, protocol, true);

	if (fd < 0 && (errno == EPERM || errno == EACCES))
		unavailable("the privilege to open such a socket", errno);
	return fd;
}

int see_bind(int fd, const struct name *name)
{
	struct call call;
	int result;

	call_begin(&call, "bind");
	call_arg_fd(&call, "fd", fd);
	call_arg_name(&call, name);
	call_enter(&call);
	result = bind(fd, &name->any, name->length);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_listen(int fd, int backlog)
{
	struct call call;
	int result;

	call_begin(&call, "listen");
	call_arg_fd(&call, "fd", fd);
	call_arg_number(&call, "backlog", backlog);
	call_enter(&call);
	result = listen(fd, backlog);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_connect(int fd, const struct name *peer)
{
	struct call call;
	int result;

	call_begin(&call, "connect");
	call_arg_fd(&call, "fd", fd);
	call_arg_name(&call, peer);
	call_enter(&call);
	result = connect(fd, &peer->any, peer->length);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_disconnect(int fd)
{
	struct name nobody = {.any = {.sa_family = AF_UNSPEC}, .length = sizeof nobody.storage};

	return see_connect(fd, &nobody);
}

int see_close(int fd)
{
	struct call call;
	int result;

	call_begin(&call, "close");
	call_arg_fd(&call, "fd", fd);
	side_of_fd_set(fd, NEAR);
	call_enter(&call);
	result = close(fd);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_shutdown(int fd, int how)
{
	static const struct symbol ways[] = {SYMBOL(SHUT_RD), SYMBOL(SHUT_WR), SYMBOL(SHUT_RDWR)};
	const char *way = symbol_of(ways, COUNT(ways), how);
	struct call call;
	int result;

	call_begin(&call, "shutdown");
	call_arg_fd(&call, "fd", fd);
	if (way)
		call_arg_text(&call, "how", way);
	else
		call_arg_number(&call, "how", how);
	call_enter(&call);
	result = shutdown(fd, how);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_dup(int fd)
{
	struct call call;
	int result;

	call_begin(&call, "dup");
	call_arg_fd(&call, "fd", fd);
	call_enter(&call);
	result = dup(fd);
	call_left(&call, result);
	side_of_fd_set(result, side_of_fd(fd));
	call_end(&call);
	return result;
}

int see_dup2(int fd, int number)
{
	struct call call;
	int result;

	call_begin(&call, "dup2");
	call_arg_number(&call, "number", number);
	call_arg_fd(&call, "fd", fd);
	call_enter(&call);
	result = dup2(fd, number);
	call_left(&call, result);
	side_of_fd_set(result, side_of_fd(fd));
	call_end(&call);
	return result;
}

/* --- calls that write an address ------------------------------------------------------------------- */

size_t touched_of(const unsigned char *bytes, size_t size, unsigned char fill)
{
	while (size && bytes[size - 1] == fill)
		size--;
	return size;
}

/* What the call left in `name`, whose bytes held `fill` throughout before it. */
static void saw_filled_name(struct call *call, const struct name *name, socklen_t length_in,
			    unsigned char fill)
{
	struct name seen = *name;
	size_t touched = touched_of(name->bytes, sizeof name->bytes, fill);

	call_saw_number(call, "length_in", length_in);
	call_saw_number(call, "length", name->length);
	call_saw_number(call, "touched", (int64_t)touched);
	if (touched < sizeof name->any.sa_family && name->length)
		return;
	/* No more than what the call wrote is an address. */
	seen.length = name->length < length_in ? name->length : length_in;
	if (seen.length < name->length) /* cut: the rest of the buffer is not the address */
		memset(seen.bytes + seen.length, 0, sizeof seen.bytes - seen.length);
	call_saw_name(call, &seen);
}

typedef int name_function(int, struct sockaddr *restrict, socklen_t *restrict);

static int see_name(const char *function, name_function *get, int fd, struct name *name)
{
	socklen_t length_in = name->length;
	struct call call;
	int result;

	*name = name_filled(FILL, length_in);
	call_begin(&call, function);
	call_arg_fd(&call, "fd", fd);
	call_arg_number(&call, "length", length_in);
	call_enter(&call);
	result = get(fd, &name->any, &name->length);
	call_left(&call, result);
	saw_filled_name(&call, name, length_in, FILL);
	call_end(&call);
	return result;
}

int see_getsockname(int fd, struct name *name)
{
	return see_name("getsockname", getsockname, fd, name);
}

int see_getpeername(int fd, struct name *name)
{
	return see_name("getpeername", getpeername, fd, name);
}

void see_both_names(int fd)
{
	struct name name = {.length = sizeof name.storage};

	see_getpeername(fd, &name);
	name.length = sizeof name.storage;
	see_getsockname(fd, &name);
}

int see_accept(int fd, struct name *peer)
{
	socklen_t length_in = peer ? peer->length : 0;
	struct call call;
	int result;

	if (peer)
		*peer = name_filled(FILL, length_in);
	call_begin(&call, "accept");
	call_arg_fd(&call, "fd", fd);
	if (peer)
		call_arg_number(&call, "length", length_in);
	call_enter(&call);
	result = accept(fd, peer ? &peer->any : NULL, peer ? &peer->length : NULL);
	call_left(&call, result);
	side_of_fd_set(result, side_of_fd(fd));
	if (peer)
		saw_filled_name(&call, peer, length_in, FILL);
	call_end(&call);
	return result;
}

/* --- options, readiness ------------------------------------------------------------------------------ */

int see_so_error(int fd)
{
	socklen_t length = sizeof(int);
	struct call call;
	int error = 0;
	int result;

	call_begin(&call, "getsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", "SO_ERROR");
	call_enter(&call);
	result = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	call_left(&call, result);
	call_saw_text(&call, "error", error ? errno_name(error) : "0");
	call_end(&call);
	return error;
}

int see_getsockopt(int fd, int level, const char *name, int option)
{
	socklen_t length = sizeof(int);
	struct call call;
	int value = 0;
	int result;

	call_begin(&call, "getsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", name);
	call_enter(&call);
	result = getsockopt(fd, level, option, &value, &length);
	call_left(&call, result);
	call_saw_number(&call, "value", value);
	call_saw_number(&call, "length", length);
	call_end(&call);
	return value;
}

int see_getsockopt_name(int fd, int level, const char *name, int option, struct name *value)
{
	socklen_t length_in = value->length;
	struct call call;
	int result;

	*value = name_filled(FILL, length_in);
	call_begin(&call, "getsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", name);
	call_arg_number(&call, "length", length_in);
	call_enter(&call);
	result = getsockopt(fd, level, option, value->bytes, &value->length);
	call_left(&call, result);
	saw_filled_name(&call, value, length_in, FILL);
	call_end(&call);
	return result;
}

#if defined TCP_INFO && defined __linux__

static const struct symbol tcp_states[] = {
	{TCP_ESTABLISHED, "ESTABLISHED"},
	{TCP_SYN_SENT, "SYN-SENT"},
	{TCP_SYN_RECV, "SYN-RECEIVED"},
	{TCP_FIN_WAIT1, "FIN-WAIT-1"},
	{TCP_FIN_WAIT2, "FIN-WAIT-2"},
	{TCP_TIME_WAIT, "TIME-WAIT"},
	{TCP_CLOSE, "CLOSED"},
	{TCP_CLOSE_WAIT, "CLOSE-WAIT"},
	{TCP_LAST_ACK, "LAST-ACK"},
	{TCP_LISTEN, "LISTEN"},
	{TCP_CLOSING, "CLOSING"},
};

/* The state as RFC 9293, 3.3.2, writes it. */
static int get_tcp_state(int fd, const char **state)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof info;
	int result = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);

	*state = symbol_of(tcp_states, COUNT(tcp_states), info.tcpi_state);
	return result;
}

#else

static int get_tcp_state(int fd, const char **state)
{
	(void)fd;
	*state = NULL;
	errno = ENOPROTOOPT;
	return -1;
}

#endif

int see_tcp_state(int fd)
{
	const char *state;
	struct call call;
	int result;

	call_begin(&call, "getsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", "TCP_INFO");
	call_enter(&call);
	result = get_tcp_state(fd, &state);
	call_left(&call, result);
	if (!result && state)
		call_saw_text(&call, "state", state);
	call_end(&call);
	return result;
}

int see_set_timeout(int fd, const char *name, int option, long us)
{
	struct timeval limit = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
	struct call call;
	int result;

	call_begin(&call, "setsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", name);
	call_arg_number(&call, "us", us);
	call_enter(&call);
	result = setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_set_linger(int fd, int on, int seconds)
{
	struct linger linger = {.l_onoff = on, .l_linger = seconds};
	struct call call;
	int result;

	call_begin(&call, "setsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", "SO_LINGER");
	call_arg_number(&call, "on", on);
	call_arg_number(&call, "seconds", seconds);
	call_enter(&call);
	result = setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	call_left(&call, result);
	call_end(&call);
	return result;
}

static const struct symbol access_modes[] = {SYMBOL(O_RDONLY), SYMBOL(O_WRONLY), SYMBOL(O_RDWR)};

static const struct symbol status_flags[] = {
	SYMBOL(O_APPEND),
	SYMBOL(O_NONBLOCK),
	SYMBOL(O_SYNC),
#ifdef O_ASYNC
	SYMBOL(O_ASYNC),
#endif
};

static void status_flags_text(char *text, size_t size, int flags)
{
	const char *mode = symbol_of(access_modes, COUNT(access_modes), flags & O_ACCMODE);
	char rest[64];

	flags_text(rest, sizeof rest, status_flags, COUNT(status_flags), flags & ~O_ACCMODE);
	snprintf(text, size, "%s%s%s", mode ? mode : "O_ACCMODE", strcmp(rest, "0") ? "|" : "",
		 strcmp(rest, "0") ? rest : "");
}

int see_get_flags(int fd)
{
	struct call call;
	char text[96];
	int result;

	call_begin(&call, "fcntl");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "command", "F_GETFL");
	call_enter(&call);
	result = fcntl(fd, F_GETFL);
	call_left(&call, result);
	if (result != -1) {
		status_flags_text(text, sizeof text, result);
		call_saw_text(&call, "flags", text);
	}
	call_end(&call);
	return result;
}

int see_set_flags(int fd, int flags)
{
	struct call call;
	char text[96];
	int result;

	status_flags_text(text, sizeof text, flags);
	call_begin(&call, "fcntl");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "command", "F_SETFL");
	call_arg_text(&call, "flags", text);
	call_enter(&call);
	result = fcntl(fd, F_SETFL, flags);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_setsockopt(int fd, int level, const char *name, int option, int value)
{
	struct call call;
	int result;

	call_begin(&call, "setsockopt");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "option", name);
	call_arg_number(&call, "value", value);
	call_enter(&call);
	result = setsockopt(fd, level, option, &value, sizeof value);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_fcntl(int fd, const char *name, int command, int argument)
{
	struct call call;
	int result;

	call_begin(&call, "fcntl");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "command", name);
	call_arg_number(&call, "argument", argument);
	call_enter(&call);
	result = fcntl(fd, command, argument);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_sockatmark(int fd)
{
	struct call call;
	int result;

	call_begin(&call, "sockatmark");
	call_arg_fd(&call, "fd", fd);
	call_enter(&call);
	result = sockatmark(fd);
	call_left(&call, result);
	call_end(&call);
	return result;
}

/* What lies in the receive queue, or in the send queue. */
static int see_queued(int fd, bool unsent)
{
	struct call call;
	int bytes = 0;
	int result;

	call_begin(&call, "ioctl");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "request", unsent ? "TIOCOUTQ" : "FIONREAD");
	call_enter(&call);
	result = unsent ? ioctl(fd, TIOCOUTQ, &bytes) : ioctl(fd, FIONREAD, &bytes);
	call_left(&call, result);
	call_saw_number(&call, unsent ? "unsent" : "unread", bytes);
	call_end(&call);
	return bytes;
}

int see_unread(int fd)
{
	return see_queued(fd, false);
}

int see_unsent(int fd)
{
	return see_queued(fd, true);
}

int see_poll(int fd, short events, int limit_ms)
{
	static const struct symbol names[] = {
		SYMBOL(POLLIN),	   SYMBOL(POLLPRI), SYMBOL(POLLOUT),
		SYMBOL(POLLERR),   SYMBOL(POLLHUP), SYMBOL(POLLNVAL),
#ifdef POLLRDHUP
		SYMBOL(POLLRDHUP),
#endif
	};
	struct pollfd poller = {.fd = fd, .events = events};
	char text[80];
	struct call call;
	int result;

	flags_text(text, sizeof text, names, COUNT(names), events);
	call_begin(&call, "poll");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "events", text);
	call_arg_number(&call, "limit_ms", limit_ms);
	call_enter(&call);
	result = poll(&poller, 1, limit_ms);
	call_left(&call, result);
	flags_text(text, sizeof text, names, COUNT(names), poller.revents);
	call_saw_text(&call, "revents", text);
	call_end(&call);
	return result;
}

int see_select_exceptional(int fd)
{
	struct timeval now = {.tv_sec = 0};
	struct call call;
	fd_set set;
	int result;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	call_begin(&call, "select");
	call_arg_fd(&call, "exceptfds", fd);
	call_enter(&call);
	result = select(fd + 1, NULL, NULL, &set, &now);
	call_left(&call, result);
	call_end(&call);
	return result;
}
