/* SPDX-License-Identifier: Apache-2.0 */
/* The system's calls that the liar stands before. */
#include "lie.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- sockets ------------------------------------------------------------------------------------------ */

SINCERE(socket, ((int)t->number[0], (int)t->number[1], (int)t->number[2]))
SINCERE(bind, (t->fd, t->to, t->to_length))
SINCERE(connect, (t->fd, t->to, t->to_length))
SINCERE(listen, (t->fd, (int)t->number[0]))
SINCERE(shutdown, (t->fd, (int)t->number[0]))
SINCERE(close, (t->fd))
SINCERE(dup, (t->fd))
SINCERE(dup2, (t->fd, (int)t->number[0]))
SINCERE(sockatmark, (t->fd))
SINCERE(accept, (t->fd, t->from, t->from_length))
SINCERE(getsockname, (t->fd, t->from, t->from_length))
SINCERE(getpeername, (t->fd, t->from, t->from_length))
SINCERE(getsockopt, (t->fd, t->level, t->option, t->parts[0].iov_base, t->from_length))
SINCERE(setsockopt,
	(t->fd, t->level, t->option, t->parts[0].iov_base, (socklen_t)t->parts[0].iov_len))

int lie_socket(int domain, int type, int protocol) STANDS_BEFORE(socket);
int lie_socket(int domain, int type, int protocol)
{
	struct telling t = {.call = "socket", .fd = -1, .number = {domain, type, protocol}};

	return (int)told(&t, make_socket);
}

int lie_bind(int fd, const struct sockaddr *address, socklen_t length) STANDS_BEFORE(bind);
int lie_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct telling t = {.call = "bind", .fd = fd, .to = address, .to_length = length};

	return (int)told(&t, make_bind);
}

int lie_connect(int fd, const struct sockaddr *address, socklen_t length) STANDS_BEFORE(connect);
int lie_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct telling t = {.call = "connect", .fd = fd, .to = address, .to_length = length};

	return (int)told(&t, make_connect);
}

int lie_listen(int fd, int backlog) STANDS_BEFORE(listen);
int lie_listen(int fd, int backlog)
{
	struct telling t = {.call = "listen", .fd = fd, .number = {backlog}};

	return (int)told(&t, make_listen);
}

int lie_shutdown(int fd, int how) STANDS_BEFORE(shutdown);
int lie_shutdown(int fd, int how)
{
	struct telling t = {.call = "shutdown", .fd = fd, .number = {how}};

	return (int)told(&t, make_shutdown);
}

int lie_close(int fd) STANDS_BEFORE(close);
int lie_close(int fd)
{
	struct telling t = {.call = "close", .fd = fd};

	return (int)told(&t, make_close);
}

int lie_dup(int fd) STANDS_BEFORE(dup);
int lie_dup(int fd)
{
	struct telling t = {.call = "dup", .fd = fd};

	return (int)told(&t, make_dup);
}

int lie_dup2(int fd, int number) STANDS_BEFORE(dup2);
int lie_dup2(int fd, int number)
{
	struct telling t = {.call = "dup2", .fd = fd, .number = {number}};

	return (int)told(&t, make_dup2);
}

int lie_sockatmark(int fd) STANDS_BEFORE(sockatmark);
int lie_sockatmark(int fd)
{
	struct telling t = {.call = "sockatmark", .fd = fd};

	return (int)told(&t, make_sockatmark);
}

int lie_accept(int fd, struct sockaddr *address, socklen_t *length) STANDS_BEFORE(accept);
int lie_accept(int fd, struct sockaddr *address, socklen_t *length)
{
	struct telling t = {.call = "accept", .fd = fd, .from = address, .from_length = length};

	return (int)told(&t, make_accept);
}

int lie_getsockname(int fd, struct sockaddr *address, socklen_t *length) STANDS_BEFORE(getsockname);
int lie_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	struct telling t = {
		.call = "getsockname", .fd = fd, .from = address, .from_length = length};

	return (int)told(&t, make_getsockname);
}

int lie_getpeername(int fd, struct sockaddr *address, socklen_t *length) STANDS_BEFORE(getpeername);
int lie_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	struct telling t = {
		.call = "getpeername", .fd = fd, .from = address, .from_length = length};

	return (int)told(&t, make_getpeername);
}

int lie_getsockopt(int fd, int level, int option, void *value, socklen_t *length)
	STANDS_BEFORE(getsockopt);
int lie_getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
	struct telling t = {.call = "getsockopt",
			    .fd = fd,
			    .level = level,
			    .option = option,
			    .from_length = length,
			    .parts = {{.iov_base = value}},
			    .count = 1};
	socklen_t room;

	if (length && is_named("getsockopt") && look_at(&room, length, sizeof room))
		t.parts[0].iov_len = room;
	return (int)told(&t, make_getsockopt);
}

int lie_setsockopt(int fd, int level, int option, const void *value, socklen_t length)
	STANDS_BEFORE(setsockopt);
int lie_setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
	struct telling t = {.call = "setsockopt",
			    .fd = fd,
			    .level = level,
			    .option = option,
			    .parts = {{.iov_base = writable(value), .iov_len = length}},
			    .count = 1};

	return (int)told(&t, make_setsockopt);
}

/* --- data --------------------------------------------------------------------------------------------- */

SINCERE(read, (t->fd, t->parts[0].iov_base, t->parts[0].iov_len))
SINCERE(write, (t->fd, t->parts[0].iov_base, t->parts[0].iov_len))
SINCERE(readv, (t->fd, t->parts, (int)t->count))
SINCERE(writev, (t->fd, t->parts, (int)t->count))
SINCERE(recv, (t->fd, t->parts[0].iov_base, t->parts[0].iov_len, t->flags))
SINCERE(send, (t->fd, t->parts[0].iov_base, t->parts[0].iov_len, t->flags))
SINCERE(recvfrom,
	(t->fd, t->parts[0].iov_base, t->parts[0].iov_len, t->flags, t->from, t->from_length))
SINCERE(sendto, (t->fd, t->parts[0].iov_base, t->parts[0].iov_len, t->flags, t->to, t->to_length))
SINCERE(recvmsg, (t->fd, t->message, t->flags))

/* As the caller gave it. */
static void make_blind_readv(struct telling *t)
{
	leave(t, sincere.readv(t->fd, t->given, (int)t->number[0]));
}

static void make_blind_writev(struct telling *t)
{
	leave(t, sincere.writev(t->fd, t->given, (int)t->number[0]));
}

static void make_blind_recvmsg(struct telling *t)
{
	leave(t, sincere.recvmsg(t->fd, writable(t->given), t->flags));
}

static struct telling of_data(const char *call, int fd, const void *data, size_t size, int flags)
{
	return (struct telling){.call = call,
				.fd = fd,
				.flags = flags,
				.parts = {{.iov_base = writable(data), .iov_len = size}},
				.count = 1};
}

ssize_t lie_read(int fd, void *data, size_t size) STANDS_BEFORE(read);
ssize_t lie_read(int fd, void *data, size_t size)
{
	struct telling t = of_data("read", fd, data, size, 0);

	return told(&t, make_read);
}

ssize_t lie_write(int fd, const void *data, size_t size) STANDS_BEFORE(write);
ssize_t lie_write(int fd, const void *data, size_t size)
{
	struct telling t = of_data("write", fd, data, size, 0);

	return told(&t, make_write);
}

ssize_t lie_recv(int fd, void *data, size_t size, int flags) STANDS_BEFORE(recv);
ssize_t lie_recv(int fd, void *data, size_t size, int flags)
{
	struct telling t = of_data("recv", fd, data, size, flags);

	return told(&t, make_recv);
}

ssize_t lie_send(int fd, const void *data, size_t size, int flags) STANDS_BEFORE(send);
ssize_t lie_send(int fd, const void *data, size_t size, int flags)
{
	struct telling t = of_data("send", fd, data, size, flags);

	return told(&t, make_send);
}

ssize_t lie_recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from,
		     socklen_t *length) STANDS_BEFORE(recvfrom);
ssize_t lie_recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from,
		     socklen_t *length)
{
	struct telling t = of_data("recvfrom", fd, data, size, flags);

	t.from = from;
	t.from_length = length;
	return told(&t, make_recvfrom);
}

ssize_t lie_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
		   socklen_t length) STANDS_BEFORE(sendto);
ssize_t lie_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
		   socklen_t length)
{
	struct telling t = of_data("sendto", fd, data, size, flags);

	t.to = to;
	t.to_length = length;
	return told(&t, make_sendto);
}

/* Parts of the liar's own; false: there are too many, they cannot be read, or nobody lies about this call. */
static bool take_parts(struct telling *t, const struct iovec *parts, size_t count)
{
	if (!is_named(t->call) || count > IOVECS_MAX ||
	    !look_at(t->parts, parts, count * sizeof *parts))
		return false;
	t->count = count;
	return true;
}

static struct telling of_given(const char *call, int fd, const void *given)
{
	return (struct telling){.call = call, .fd = fd, .given = given};
}

ssize_t lie_readv(int fd, const struct iovec *parts, int count) STANDS_BEFORE(readv);
ssize_t lie_readv(int fd, const struct iovec *parts, int count)
{
	struct telling t = of_given("readv", fd, parts);

	t.number[0] = count;
	t.blind = count < 0 || !take_parts(&t, parts, (size_t)count);
	return told(&t, t.blind ? make_blind_readv : make_readv);
}

ssize_t lie_writev(int fd, const struct iovec *parts, int count) STANDS_BEFORE(writev);
ssize_t lie_writev(int fd, const struct iovec *parts, int count)
{
	struct telling t = of_given("writev", fd, parts);

	t.number[0] = count;
	t.blind = count < 0 || !take_parts(&t, parts, (size_t)count);
	return told(&t, t.blind ? make_blind_writev : make_writev);
}

static void make_sendmsg(struct telling *t)
{
	t->message->msg_name = writable(t->to);
	t->message->msg_namelen = t->to_length;
	leave(t, sincere.sendmsg(t->fd, t->message, t->flags));
}

static void make_blind_sendmsg(struct telling *t)
{
	leave(t, sincere.sendmsg(t->fd, t->given, t->flags));
}

/* A header of the liar's own, with parts of its own. */
static bool take_message(struct telling *t, struct msghdr *own, const struct msghdr *message)
{
	if (!is_named(t->call) || !look_at(own, message, sizeof *own))
		return false;
	t->number[0] = (long)own->msg_iovlen;
	if (!take_parts(t, own->msg_iov, own->msg_iovlen))
		return false;
	own->msg_iov = t->parts;
	t->message = own;
	return true;
}

ssize_t lie_recvmsg(int fd, struct msghdr *message, int flags) STANDS_BEFORE(recvmsg);
ssize_t lie_recvmsg(int fd, struct msghdr *message, int flags)
{
	struct telling t = of_given("recvmsg", fd, message);
	struct iovec *parts;
	struct msghdr own;
	long result;

	t.flags = flags;
	t.blind = !take_message(&t, &own, message);
	if (t.blind)
		return told(&t, make_blind_recvmsg);
	parts = message->msg_iov;
	t.from = own.msg_name;
	t.from_length = own.msg_name ? &own.msg_namelen : NULL;
	result = told(&t, make_recvmsg);
	if (result == -1) {
		if (message->msg_namelen != own.msg_namelen)
			message->msg_namelen = own.msg_namelen;
		return result;
	}
	*message = own;
	message->msg_iov = parts;
	return result;
}

ssize_t lie_sendmsg(int fd, const struct msghdr *message, int flags) STANDS_BEFORE(sendmsg);
ssize_t lie_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct telling t = of_given("sendmsg", fd, message);
	struct msghdr own;

	t.flags = flags;
	t.blind = !take_message(&t, &own, message);
	if (t.blind)
		return told(&t, make_blind_sendmsg);
	t.to = own.msg_name;
	t.to_length = own.msg_namelen;
	return told(&t, make_sendmsg);
}

/* --- descriptors ---------------------------------------------------------------------------------------- */

SINCERE(fcntl, (t->fd, (int)t->number[0], t->number[1]))
SINCERE(ioctl, (t->fd, (unsigned long)t->number[0], t->parts[0].iov_base))
SINCERE(poll, (t->parts[0].iov_base, (nfds_t)t->number[0], (int)t->number[1]))
SINCERE(select, ((int)t->number[0], t->parts[0].iov_base, t->parts[1].iov_base,
		 t->parts[2].iov_base, t->other))
SINCERE(lseek, (t->fd, t->offset, (int)t->number[0]))

/* fcntl()'s third argument: none, an int, or a pointer. */
static long third_of(int command, va_list *rest)
{
	switch (command) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
		return 0;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_SETFD:
	case F_SETFL:
	case F_SETOWN:
		return va_arg(*rest, int);
	default:
		return (long)va_arg(*rest, void *);
	}
}

int lie_fcntl(int fd, int command, ...) STANDS_BEFORE(fcntl);
int lie_fcntl(int fd, int command, ...)
{
	struct telling t = {.call = "fcntl", .fd = fd, .number = {command}};
	va_list rest;

	va_start(rest, command);
	t.number[1] = third_of(command, &rest);
	va_end(rest);
	return (int)told(&t, make_fcntl);
}

/* The same where file offsets have 64 bits (feature_test_macros(7), _FILE_OFFSET_BITS). */
int lie_fcntl64(int fd, int command, ...) STANDS_BEFORE(fcntl64) __attribute__((alias("fcntl")));

int lie_ioctl(int fd, unsigned long request, ...) STANDS_BEFORE(ioctl);
int lie_ioctl(int fd, unsigned long request, ...)
{
	struct telling t = {.call = "ioctl", .fd = fd, .number = {(long)request}, .count = 1};
	va_list rest;

	va_start(rest, request);
	t.parts[0] = (struct iovec){.iov_base = va_arg(rest, void *), .iov_len = sizeof(int)};
	va_end(rest);
	return (int)told(&t, make_ioctl);
}

/* Its descriptor is that of the first. */
int lie_poll(struct pollfd *pollers, nfds_t count, int limit_ms) STANDS_BEFORE(poll);
int lie_poll(struct pollfd *pollers, nfds_t count, int limit_ms)
{
	struct pollfd first;
	struct telling t = {.call = "poll",
			    .fd = -1,
			    .number = {(long)count, limit_ms},
			    .parts = {{.iov_base = pollers, .iov_len = count * sizeof *pollers}},
			    .count = 1};

	if (count && is_named("poll") && look_at(&first, pollers, sizeof first))
		t.fd = first.fd;
	return (int)told(&t, make_poll);
}

/* Its descriptor is the highest; its parts are the sets, also those that are not there. */
int lie_select(int count, fd_set *in, fd_set *out, fd_set *exceptional, struct timeval *limit)
	STANDS_BEFORE(select);
int lie_select(int count, fd_set *in, fd_set *out, fd_set *exceptional, struct timeval *limit)
{
	struct telling t = {
		.call = "select",
		.fd = count - 1,
		.number = {count},
		.parts = {{.iov_base = in}, {.iov_base = out}, {.iov_base = exceptional}},
		.count = 3,
		.other = limit};

	return (int)told(&t, make_select);
}

off_t lie_lseek(int fd, off_t offset, int whence) STANDS_BEFORE(lseek);
off_t lie_lseek(int fd, off_t offset, int whence)
{
	struct telling t = {.call = "lseek", .fd = fd, .offset = offset, .number = {whence}};

	return told(&t, make_lseek);
}

off_t lie_lseek64(int fd, off_t offset, int whence) STANDS_BEFORE(lseek64)
	__attribute__((alias("lseek")));

/* --- files -------------------------------------------------------------------------------------------- */

SINCERE(open, (t->text, t->flags, (mode_t)t->number[0]))
SINCERE(unlink, (t->text))
SINCERE(stat, (t->text, t->parts[0].iov_base))
SINCERE(ftell, (t->other))

/* EOF is no failure in itself: errno stays as it is. */
static void make_fgetc(struct telling *t)
{
	t->result = sincere.fgetc(t->other);
	t->error = errno;
}

int lie_open(const char *path, int flags, ...) STANDS_BEFORE(open);
int lie_open(const char *path, int flags, ...)
{
	struct telling t = {.call = "open", .fd = -1, .text = path, .flags = flags};
	va_list rest;

	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
	va_start(rest, flags);
	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
		t.number[0] = va_arg(rest, int);
	va_end(rest);
	return (int)told(&t, make_open);
}

int lie_open64(const char *path, int flags, ...) STANDS_BEFORE(open64)
	__attribute__((alias("open")));

int lie_unlink(const char *path) STANDS_BEFORE(unlink);
int lie_unlink(const char *path)
{
	struct telling t = {.call = "unlink", .fd = -1, .text = path};

	return (int)told(&t, make_unlink);
}

int lie_stat(const char *path, struct stat *status) STANDS_BEFORE(stat);
int lie_stat(const char *path, struct stat *status)
{
	struct telling t = {.call = "stat",
			    .fd = -1,
			    .text = path,
			    .parts = {{.iov_base = status, .iov_len = sizeof *status}},
			    .count = 1};

	return (int)told(&t, make_stat);
}

int lie_stat64(const char *path, struct stat *status) STANDS_BEFORE(stat64)
	__attribute__((alias("stat")));

int lie_fgetc(FILE *stream) STANDS_BEFORE(fgetc);
int lie_fgetc(FILE *stream)
{
	struct telling t = {.call = "fgetc", .fd = fileno(stream), .other = stream};

	return (int)told(&t, make_fgetc);
}

long lie_ftell(FILE *stream) STANDS_BEFORE(ftell);
long lie_ftell(FILE *stream)
{
	struct telling t = {.call = "ftell", .fd = fileno(stream), .other = stream};

	return told(&t, make_ftell);
}
