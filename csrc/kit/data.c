/* SPDX-License-Identifier: Apache-2.0 */
/* Sending and receiving in every way the API has. */
#include "internal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

enum { FDS_MAX = 16, PATIENCE_MS = 2000 };

/* One receiving call's memory: the buffer that the call is told of, and a guard behind it. */
struct intake {
	unsigned char *buffer;
	size_t size;
	struct name from;
	struct iovec parts[2];
	struct msghdr message;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * FDS_MAX)];
};

static void intake_prepare(struct intake *intake, size_t size)
{
	size_t half = size / 2;

	*intake = (struct intake){.size = size};
	intake->buffer = malloc(size + GUARD);
	if (!intake->buffer)
		fault("no memory for %zu bytes", size);
	memset(intake->buffer, FILL, size + GUARD);
	intake->from = name_filled(FILL, sizeof intake->from.storage);
	intake->parts[0] = (struct iovec){.iov_base = intake->buffer, .iov_len = half};
	intake->parts[1] =
		(struct iovec){.iov_base = intake->buffer + half, .iov_len = size - half};
	intake->message = (struct msghdr){
		.msg_name = &intake->from.any,
		.msg_namelen = intake->from.length,
		.msg_iov = intake->parts,
		.msg_iovlen = 2,
		.msg_control = intake->control,
		.msg_controllen = sizeof intake->control,
	};
}

static ssize_t receive_by(enum reader by, int fd, struct intake *intake, int flags)
{
	switch (by) {
	case BY_READ:
		return read(fd, intake->buffer, intake->size);
	case BY_READV:
		return readv(fd, intake->parts, 2);
	case BY_RECV:
		return recv(fd, intake->buffer, intake->size, flags);
	case BY_RECVFROM:
		return recvfrom(fd, intake->buffer, intake->size, flags, &intake->from.any,
				&intake->from.length);
	case BY_RECVMSG:
		return recvmsg(fd, &intake->message, flags);
	}
	fault("no such reader: %d", (int)by);
}

/* How many bytes are no longer what they were filled with. */
static int64_t changed(const unsigned char *from, const unsigned char *to)
{
	int64_t count = 0;

	for (; from < to; from++)
		count += *from != FILL;
	return count;
}

void call_saw_buffer(struct call *call, const unsigned char *buffer, size_t size, ssize_t result)
{
	size_t got = result > 0 ? (size_t)result : 0;
	size_t inside = got < size ? got : size; /* MSG_TRUNC may say more */
	const unsigned char *end = buffer + size;

	if (result >= 0)
		call_saw_data(call, buffer, inside);
	call_saw_number(call, "behind", changed(buffer + inside, end));
	call_saw_number(call, "overrun", changed(end, end + GUARD));
}

static void saw_from(struct call *call, const struct name *from, socklen_t length_in)
{
	size_t touched = touched_of(from->bytes, sizeof from->bytes, FILL);

	call_saw_number(call, "length_in", length_in);
	call_saw_number(call, "length", from->length);
	call_saw_number(call, "touched", (int64_t)touched);
	if (touched >= sizeof from->any.sa_family)
		call_saw_name(call, from);
}

static void saw_control(struct call *call, struct msghdr *message)
{
	event_open_list(&call->event, "fds");
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		size_t size = header->cmsg_len - CMSG_LEN(0);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
			event_list_number(&call->event, fd);
		}
	}
	event_close_list(&call->event);
}

static void saw_message(struct call *call, struct intake *intake)
{
	char text[160];

	intake->from.length = intake->message.msg_namelen;
	saw_from(call, &intake->from, sizeof intake->from.storage);
	message_flags_text(text, sizeof text, intake->message.msg_flags);
	call_saw_text(call, "msg_flags", text);
	call_saw_number(call, "controllen", (int64_t)intake->message.msg_controllen);
	saw_control(call, &intake->message);
}

const char *reader_name(enum reader by)
{
	static const char *const names[] = {"read", "readv", "recv", "recvfrom", "recvmsg"};

	return names[by];
}

const char *writer_name(enum writer by)
{
	static const char *const names[] = {"write", "writev", "send", "sendto", "sendmsg"};

	return names[by];
}

ssize_t see_receive(enum reader by, int fd, size_t size, int flags)
{
	struct intake intake;
	struct call call;
	char text[160];
	ssize_t result;

	if (flags && (by == BY_READ || by == BY_READV))
		fault("%s takes no flags", reader_name(by));
	intake_prepare(&intake, size);
	message_flags_text(text, sizeof text, flags);
	call_begin(&call, reader_name(by));
	call_arg_fd(&call, "fd", fd);
	call_arg_number(&call, "size", (int64_t)size);
	if (by >= BY_RECV)
		call_arg_text(&call, "flags", text);
	call_enter(&call);
	result = receive_by(by, fd, &intake, flags);
	call_left(&call, result);
	call_saw_buffer(&call, intake.buffer, intake.size, result);
	if (by == BY_RECVFROM)
		saw_from(&call, &intake.from, sizeof intake.from.storage);
	if (by == BY_RECVMSG && result >= 0)
		saw_message(&call, &intake);
	call_end(&call);
	free(intake.buffer);
	return result;
}

/* Makes one call without blocking, whatever the descriptor is set to.  That it is none, as what a failed
 * accept() returned, is for the call to say. */
static ssize_t receive_unblocked(enum reader by, int fd, size_t size)
{
	int flags = fcntl(fd, F_GETFL);
	ssize_t result;
	int error;

	if (flags < 0)
		return see_receive(by, fd, size, 0);
	must(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	result = see_receive(by, fd, size, 0);
	error = errno;
	must(fcntl(fd, F_SETFL, flags));
	errno = error;
	return result;
}

ssize_t see_receive_now(enum reader by, int fd, size_t size)
{
	return receive_unblocked(by, fd, size);
}

ssize_t see_receive_soon(enum reader by, int fd, size_t size)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};

	if (fd >= 0) /* poll() would wait for what is no descriptor */
		must(poll(&poller, 1, PATIENCE_MS));
	return receive_unblocked(by, fd, size);
}

ssize_t see_recvfrom(int fd, size_t size, int flags, struct name *from)
{
	struct intake intake;
	struct call call;
	char text[160];
	ssize_t result;

	intake_prepare(&intake, size);
	intake.from = name_filled(FILL, from ? from->length : 0);
	message_flags_text(text, sizeof text, flags);
	call_begin(&call, "recvfrom");
	call_arg_fd(&call, "fd", fd);
	call_arg_number(&call, "size", (int64_t)size);
	call_arg_text(&call, "flags", text);
	if (from)
		call_arg_number(&call, "length", from->length);
	else
		call_arg_text(&call, "from", "NULL");
	call_enter(&call);
	result = recvfrom(fd, intake.buffer, size, flags, from ? &intake.from.any : NULL,
			  from ? &intake.from.length : NULL);
	call_left(&call, result);
	call_saw_buffer(&call, intake.buffer, intake.size, result);
	if (from) {
		saw_from(&call, &intake.from, from->length);
		*from = intake.from;
	}
	call_end(&call);
	free(intake.buffer);
	return result;
}

static ssize_t send_message(int fd, const void *data, size_t size, int flags, const struct name *to)
{
	size_t half = size / 2;
	struct name copy = to ? *to : (struct name){.length = 0};
	char *bytes = (char *)(uintptr_t)data; /* iovec is not const, sendmsg() does not write */
	struct iovec parts[] = {
		{.iov_base = bytes, .iov_len = half},
		{.iov_base = bytes + half, .iov_len = size - half},
	};
	struct msghdr message = {
		.msg_name = to ? &copy.any : NULL,
		.msg_namelen = copy.length,
		.msg_iov = parts,
		.msg_iovlen = 2,
	};

	return sendmsg(fd, &message, flags);
}

static ssize_t write_parts(int fd, const void *data, size_t size)
{
	size_t half = size / 2;
	char *bytes = (char *)(uintptr_t)data;
	struct iovec parts[] = {
		{.iov_base = bytes, .iov_len = half},
		{.iov_base = bytes + half, .iov_len = size - half},
	};

	return writev(fd, parts, 2);
}

static ssize_t send_by(enum writer by, int fd, const void *data, size_t size, int flags,
		       const struct name *to)
{
	switch (by) {
	case BY_WRITE:
		return write(fd, data, size);
	case BY_WRITEV:
		return write_parts(fd, data, size);
	case BY_SEND:
		return send(fd, data, size, flags);
	case BY_SENDTO:
		return sendto(fd, data, size, flags, to ? &to->any : NULL, to ? to->length : 0);
	case BY_SENDMSG:
		return send_message(fd, data, size, flags, to);
	}
	fault("no such writer: %d", (int)by);
}

ssize_t see_send(enum writer by, int fd, const void *data, size_t size, int flags,
		 const struct name *to)
{
	struct call call;
	char text[160];
	ssize_t result;

	if (flags && (by == BY_WRITE || by == BY_WRITEV))
		fault("%s takes no flags", writer_name(by));
	if (to && by < BY_SENDTO)
		fault("%s takes no address", writer_name(by));
	message_flags_text(text, sizeof text, flags);
	call_begin(&call, writer_name(by));
	call_arg_fd(&call, "fd", fd);
	event_data(&call.event, "data", data, size);
	call_arg_number(&call, "size", (int64_t)size);
	if (by >= BY_SEND)
		call_arg_text(&call, "flags", text);
	if (to)
		call_arg_name(&call, to);
	call_enter(&call);
	result = send_by(by, fd, data, size, flags, to);
	call_left(&call, result);
	call_end(&call);
	return result;
}

/* --- several buffers in one call ------------------------------------------------------------------ */

enum { PART_ROOM = 512 };

/* Buffers that lie apart from one another, the first one last in memory. */
struct parts {
	unsigned char bytes[PARTS_MAX][PART_ROOM + GUARD];
	struct iovec vector[PARTS_MAX];
	size_t count;
	char sizes[80];
};

static void parts_prepare(struct parts *parts, const size_t *sizes, size_t count)
{
	size_t used = 0;

	if (count < 1 || count > PARTS_MAX)
		fault("%zu parts in one call", count);
	memset(parts->bytes, FILL, sizeof parts->bytes);
	parts->count = count;
	for (size_t i = 0; i < count; i++) {
		if (sizes[i] > PART_ROOM)
			fault("a part of %zu bytes", sizes[i]);
		parts->vector[i] = (struct iovec){
			.iov_base = parts->bytes[PARTS_MAX - 1 - i],
			.iov_len = sizes[i],
		};
		used += (size_t)snprintf(parts->sizes + used, sizeof parts->sizes - used, "%s%zu",
					 i ? "," : "", sizes[i]);
	}
}

static size_t parts_total(const struct parts *parts)
{
	size_t total = 0;

	for (size_t i = 0; i < parts->count; i++)
		total += parts->vector[i].iov_len;
	return total;
}

/* Filled one after the other, each wholly before the next: what the result says is data. */
static void saw_parts(struct call *call, const struct parts *parts, ssize_t result)
{
	size_t left = result > 0 ? (size_t)result : 0;
	unsigned char data[PARTS_MAX * PART_ROOM];
	int64_t overrun = 0;
	int64_t behind = 0;
	size_t used = 0;
	char name[32];

	for (size_t i = 0; i < parts->count; i++) {
		const unsigned char *part = parts->vector[i].iov_base;
		size_t size = parts->vector[i].iov_len;
		size_t got = left < size ? left : size;

		snprintf(name, sizeof name, "part%zu", i + 1);
		if (result >= 0)
			call_saw_part(call, name, part, got);
		memcpy(data + used, part, got);
		behind += changed(part + got, part + size);
		overrun += changed(part + size, part + PART_ROOM + GUARD);
		used += got;
		left -= got;
	}
	if (result >= 0)
		call_saw_data(call, data, used);
	call_saw_number(call, "behind", behind);
	call_saw_number(call, "overrun", overrun);
}

ssize_t see_receive_parts(enum reader by, int fd, const size_t *sizes, size_t count, int flags)
{
	struct parts parts;
	struct msghdr message = {.msg_iov = parts.vector, .msg_iovlen = count};
	struct call call;
	char text[160];
	ssize_t result;

	if (by != BY_READV && by != BY_RECVMSG)
		fault("%s takes one buffer", reader_name(by));
	if (flags && by == BY_READV)
		fault("readv takes no flags");
	parts_prepare(&parts, sizes, count);
	message_flags_text(text, sizeof text, flags);
	call_begin(&call, reader_name(by));
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "sizes", parts.sizes);
	call_arg_number(&call, "size", (int64_t)parts_total(&parts));
	if (by == BY_RECVMSG)
		call_arg_text(&call, "flags", text);
	call_enter(&call);
	result =
		by == BY_READV ? readv(fd, parts.vector, (int)count) : recvmsg(fd, &message, flags);
	call_left(&call, result);
	saw_parts(&call, &parts, result);
	if (by == BY_RECVMSG && result >= 0) {
		message_flags_text(text, sizeof text, message.msg_flags);
		call_saw_text(&call, "msg_flags", text);
	}
	call_end(&call);
	return result;
}

ssize_t see_send_parts(enum writer by, int fd, const void *data, const size_t *sizes, size_t count,
		       int flags)
{
	struct parts parts;
	struct msghdr message = {.msg_iov = parts.vector, .msg_iovlen = count};
	const unsigned char *bytes = data;
	struct call call;
	char text[160];
	ssize_t result;

	if (by != BY_WRITEV && by != BY_SENDMSG)
		fault("%s takes one buffer", writer_name(by));
	if (flags && by == BY_WRITEV)
		fault("writev takes no flags");
	parts_prepare(&parts, sizes, count);
	for (size_t i = 0; i < count; i++) {
		memcpy(parts.vector[i].iov_base, bytes, sizes[i]);
		bytes += sizes[i];
	}
	message_flags_text(text, sizeof text, flags);
	call_begin(&call, writer_name(by));
	call_arg_fd(&call, "fd", fd);
	event_data(&call.event, "data", data, parts_total(&parts));
	call_arg_text(&call, "sizes", parts.sizes);
	call_arg_number(&call, "size", (int64_t)parts_total(&parts));
	if (by == BY_SENDMSG)
		call_arg_text(&call, "flags", text);
	call_enter(&call);
	result = by == BY_WRITEV ? writev(fd, parts.vector, (int)count)
				 : sendmsg(fd, &message, flags);
	call_left(&call, result);
	call_end(&call);
	return result;
}

/* --- a conversation ------------------------------------------------------------------------------- */

ssize_t see_speak(int fd, unsigned seed)
{
	unsigned char words[SAID];

	pattern_fill(words, sizeof words, 0, seed);
	return see_send(BY_WRITE, fd, words, sizeof words, 0, NULL);
}

ssize_t see_arrival(int fd, size_t size)
{
	return see_receive_soon(BY_RECV, fd, size);
}

void see_exchange(int near, int far, unsigned seed)
{
	see_speak(near, seed);
	see_arrival(far, SAID);
	see_speak(far, seed + 1);
	see_arrival(near, SAID);
}
