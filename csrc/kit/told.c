/* SPDX-License-Identifier: Apache-2.0 */
/* Any call of the sockets API, with arguments that may be wrong. */
#include "faults.h"
#include "internal.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

enum { DATA_SEED = 1, VECTOR_MAX = IOV_MAX + 1 };

unsigned char ordinary[1];

struct told told_of(int fd)
{
	return (struct told){
		.fd = fd,
		.parts = 2,
		.address = ordinary,
		.length = ordinary,
		.data = ordinary,
		.vector = ordinary,
		.message = ordinary,
	};
}

/* --- memory that is no memory of the caller's --------------------------------------------------- */

/* Three pages: one to write to, one that cannot be accessed, one that can only be read. */
static unsigned char *pages(void)
{
	static unsigned char *begin;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (begin)
		return begin;
	begin = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (begin == MAP_FAILED)
		fault_at("mmap()", errno, __FILE__, __LINE__);
	must(mprotect(begin + page, page, PROT_NONE));
	must(mprotect(begin + 2 * page, page, PROT_READ));
	return begin;
}

void *inaccessible(void)
{
	return pages() + sysconf(_SC_PAGESIZE);
}

void *read_only(void)
{
	return pages() + 2 * sysconf(_SC_PAGESIZE);
}

void *cut_off(const void *bytes, size_t inside)
{
	unsigned char *begin = (unsigned char *)inaccessible() - inside;

	memcpy(begin, bytes, inside);
	return begin;
}

/* What is wrong with a pointer, in the log; NULL: nothing. */
static const char *wrong_with(const void *pointer)
{
	if (pointer == ordinary)
		return NULL;
	if (!pointer)
		return "NULL";
	if (pointer == inaccessible())
		return "inaccessible";
	if (pointer == read_only())
		return "read-only";
	return "cut off";
}

/* --- memory of the caller's ------------------------------------------------------------------------ */

/* What ordinary pointers stand for, during one call. */
static struct {
	struct name name;
	socklen_t length;
	unsigned char *data;
	size_t size; /* of the memory: a fault may tell the call of more */
	struct iovec vector[VECTOR_MAX];
	struct msghdr message;
} own;

static void *pointer_of(void *told, void *mine)
{
	return told == ordinary ? mine : told;
}

static void *address_of(const struct told *told)
{
	return pointer_of(told->address, &own.name.any);
}

static void *length_of(const struct told *told)
{
	return pointer_of(told->length, &own.length);
}

static void *data_of(const struct told *told)
{
	return pointer_of(told->data, own.data);
}

static void *vector_of(const struct told *told)
{
	return pointer_of(told->vector, own.vector);
}

static void *message_of(const struct told *told)
{
	return pointer_of(told->message, &own.message);
}

/* The size itself is wrong where it is no size that memory can have. */
static bool has_that_size(const struct told *told)
{
	return told->size <= SSIZE_MAX;
}

static void prepare_parts(const struct told *told)
{
	size_t half = told->parts == 1 ? told->size : told->size / 2;
	unsigned char *data = data_of(told);

	memset(own.vector, 0, sizeof own.vector);
	own.vector[0] = (struct iovec){.iov_base = data, .iov_len = half};
	if (told->parts != 1)
		own.vector[1] = (struct iovec){
			.iov_base = told->data == ordinary ? data + half : data,
			.iov_len = told->size - half,
		};
}

static void prepare(const struct told *told, bool receives, bool gets_address)
{
	own.name = gets_address ? name_filled(FILL, told->name.length) : told->name;
	own.length = told->name.length;
	own.size = has_that_size(told) ? told->size : GUARD;
	own.data = malloc(own.size + GUARD);
	if (!own.data)
		fault("no memory for %zu bytes", own.size);
	memset(own.data, FILL, own.size + GUARD);
	if (!receives)
		pattern_fill(own.data, own.size, 0, DATA_SEED);
	prepare_parts(told);
	own.message = (struct msghdr){
		.msg_name = told->name.length ? address_of(told) : NULL,
		.msg_namelen = told->name.length,
		.msg_iov = vector_of(told),
		.msg_iovlen = (size_t)told->parts,
	};
}

/* --- the calls --------------------------------------------------------------------------------------- */

static ssize_t call_bind(const struct told *told)
{
	return bind(told->fd, address_of(told), told->name.length);
}

static ssize_t call_connect(const struct told *told)
{
	return connect(told->fd, address_of(told), told->name.length);
}

static ssize_t call_listen(const struct told *told)
{
	return listen(told->fd, told->number);
}

static ssize_t call_accept(const struct told *told)
{
	return accept(told->fd, address_of(told), length_of(told));
}

static ssize_t call_close(const struct told *told)
{
	return close(told->fd);
}

static ssize_t call_shutdown(const struct told *told)
{
	return shutdown(told->fd, told->number);
}

static ssize_t call_getsockname(const struct told *told)
{
	return getsockname(told->fd, address_of(told), length_of(told));
}

static ssize_t call_getpeername(const struct told *told)
{
	return getpeername(told->fd, address_of(told), length_of(told));
}

static ssize_t call_fcntl(const struct told *told)
{
	return fcntl(told->fd, told->number, told->flags);
}

static ssize_t call_write(const struct told *told)
{
	return write(told->fd, data_of(told), told->size);
}

static ssize_t call_writev(const struct told *told)
{
	return writev(told->fd, vector_of(told), told->parts);
}

static ssize_t call_send(const struct told *told)
{
	return send(told->fd, data_of(told), told->size, told->flags);
}

static ssize_t call_sendto(const struct told *told)
{
	void *address = told->name.length ? address_of(told) : NULL;

	return sendto(told->fd, data_of(told), told->size, told->flags, address, told->name.length);
}

static ssize_t call_sendmsg(const struct told *told)
{
	return sendmsg(told->fd, message_of(told), told->flags);
}

static ssize_t call_read(const struct told *told)
{
	return read(told->fd, data_of(told), told->size);
}

static ssize_t call_readv(const struct told *told)
{
	return readv(told->fd, vector_of(told), told->parts);
}

static ssize_t call_recv(const struct told *told)
{
	return recv(told->fd, data_of(told), told->size, told->flags);
}

static ssize_t call_recvfrom(const struct told *told)
{
	return recvfrom(told->fd, data_of(told), told->size, told->flags, address_of(told),
			length_of(told));
}

static ssize_t call_recvmsg(const struct told *told)
{
	return recvmsg(told->fd, message_of(told), told->flags);
}

/* What a function has for arguments, beside the descriptor. */
enum {
	ADDRESS = 1,   /* an address that it reads */
	ROOM = 2,      /* room for an address, and a place with its length */
	DATA = 4,      /* data that it reads */
	DATA_ROOM = 8, /* room for data */
	PARTS = 16,    /* the data is in parts */
	MESSAGE = 32,  /* they all are in a message */
	FLAGS = 64,    /* MSG_... */
};

static const struct symbol ways[] = {SYMBOL(SHUT_RD), SYMBOL(SHUT_WR), SYMBOL(SHUT_RDWR)};
static const struct symbol commands[] = {SYMBOL(F_GETFL), SYMBOL(F_SETFL)};

/* A number that only one function has: what it is called, and the words for its values. */
struct number {
	const char *name;
	const struct symbol *words;
	size_t count;
};

static const struct function {
	const char *name;
	ssize_t (*call)(const struct told *told);
	unsigned takes;
	struct number number;
} functions[] = {
	{"accept", call_accept, ROOM, {0}},
	{"bind", call_bind, ADDRESS, {0}},
	{"close", call_close, 0, {0}},
	{"connect", call_connect, ADDRESS, {0}},
	{"fcntl", call_fcntl, 0, {"command", commands, COUNT(commands)}},
	{"getpeername", call_getpeername, ROOM, {0}},
	{"getsockname", call_getsockname, ROOM, {0}},
	{"listen", call_listen, 0, {"backlog", NULL, 0}},
	{"read", call_read, DATA_ROOM, {0}},
	{"readv", call_readv, DATA_ROOM | PARTS, {0}},
	{"recv", call_recv, DATA_ROOM | FLAGS, {0}},
	{"recvfrom", call_recvfrom, DATA_ROOM | ROOM | FLAGS, {0}},
	{"recvmsg", call_recvmsg, DATA_ROOM | ROOM | PARTS | MESSAGE | FLAGS, {0}},
	{"send", call_send, DATA | FLAGS, {0}},
	{"sendmsg", call_sendmsg, DATA | ADDRESS | PARTS | MESSAGE | FLAGS, {0}},
	{"sendto", call_sendto, DATA | ADDRESS | FLAGS, {0}},
	{"shutdown", call_shutdown, 0, {"how", ways, COUNT(ways)}},
	{"write", call_write, DATA, {0}},
	{"writev", call_writev, DATA | PARTS, {0}},
};

static const struct function *function_of(const char *name)
{
	for (size_t i = 0; i < COUNT(functions); i++) {
		if (!strcmp(functions[i].name, name))
			return &functions[i];
	}
	fault("no call %s to be told something wrong", name);
}

/* --- a call that may die ------------------------------------------------------------------------------ */

static sigjmp_buf way_out;
static volatile sig_atomic_t died_of;

static void get_out(int signal)
{
	died_of = signal;
	siglongjmp(way_out, 1);
}

static ssize_t call_and_survive(const struct function *function, const struct told *told)
{
	if (sigsetjmp(way_out, 1)) {
		errno = 0; /* it did not live to say why it fails */
		return -1;
	}
	return function->call(told);
}

/* --- the log -------------------------------------------------------------------------------------------- */

static void arg_pointer(struct call *call, const char *name, const void *pointer)
{
	const char *wrong = wrong_with(pointer);

	if (wrong)
		call_arg_text(call, name, wrong);
}

static void arg_address(struct call *call, const struct told *told)
{
	if (told->address == ordinary && told->name.length &&
	    told->name.length < sizeof own.name.bytes)
		event_name(&call->event, "address", &told->name);
	arg_pointer(call, "address", told->address);
	call_arg_number(call, "length", (int32_t)told->name.length);
}

static void arg_data(struct call *call, const struct told *told, unsigned takes)
{
	if (takes & DATA && told->data == ordinary)
		call_arg_data(call, "data", own.data, own.size);
	arg_pointer(call, "data", told->data);
	call_arg_number(call, "size", (int64_t)told->size);
	if (takes & PARTS) {
		call_arg_number(call, "parts", told->parts);
		arg_pointer(call, "vector", told->vector);
	}
	if (takes & MESSAGE)
		arg_pointer(call, "message", told->message);
}

static void arg_number(struct call *call, const struct number *number, int value)
{
	const char *word = symbol_of(number->words, number->count, value);

	if (word)
		call_arg_text(call, number->name, word);
	else if (number->name)
		call_arg_number(call, number->name, value);
}

static void log_arguments(struct call *call, const struct function *function,
			  const struct told *told)
{
	unsigned takes = function->takes;
	char flags[160];

	call_arg_fd(call, "fd", told->fd);
	if (takes & (DATA | DATA_ROOM))
		arg_data(call, told, takes);
	if (takes & FLAGS) {
		message_flags_text(flags, sizeof flags, told->flags);
		call_arg_text(call, "flags", flags);
	}
	if (takes & ADDRESS || (takes & ROOM && told->address != ordinary))
		arg_address(call, told);
	else if (takes & ROOM)
		call_arg_number(call, "length", (int32_t)told->name.length);
	if (takes & ROOM)
		arg_pointer(call, "length_at", told->length);
	arg_number(call, &function->number, told->number);
}

static void saw_room(struct call *call, const struct told *told, unsigned takes)
{
	socklen_t length = takes & MESSAGE ? own.message.msg_namelen : own.length;
	size_t touched = touched_of(own.name.bytes, sizeof own.name.bytes, FILL);

	if (told->length == ordinary) {
		call_saw_number(call, "length_in", (int32_t)told->name.length);
		call_saw_number(call, "length", (int32_t)length);
	}
	if (told->address != ordinary)
		return;
	call_saw_number(call, "touched", (int64_t)touched);
	own.name.length = length;
	if (touched >= sizeof own.name.any.sa_family && length <= sizeof own.name.storage)
		call_saw_name(call, &own.name);
}

static ssize_t see(const struct function *function, const struct told *told)
{
	unsigned takes = function->takes;
	struct call call;
	ssize_t result;

	call_begin(&call, function->name);
	log_arguments(&call, function, told);
	call_enter(&call);
	result = call_and_survive(function, told);
	call_left(&call, result);
	if (died_of)
		call_saw_text(&call, "signal", died_of == SIGSEGV ? "SIGSEGV" : "SIGBUS");
	if (takes & DATA_ROOM && told->data == ordinary)
		call_saw_buffer(&call, own.data, own.size, result);
	if (takes & ROOM)
		saw_room(&call, told, takes);
	call_end(&call);
	return result;
}

ssize_t see_told(const char *name, const struct told *told)
{
	struct sigaction action = {.sa_handler = get_out};
	struct sigaction before[2];
	const struct function *function;
	ssize_t result;

	if (!strcmp(name, "socket"))
		return see_socket(told->domain, told->type, told->protocol);
	function = function_of(name);
	prepare(told, function->takes & DATA_ROOM, function->takes & ROOM);
	died_of = 0;
	must(sigaction(SIGSEGV, &action, &before[0]));
	must(sigaction(SIGBUS, &action, &before[1]));
	result = see(function, told);
	must(sigaction(SIGSEGV, &before[0], NULL));
	must(sigaction(SIGBUS, &before[1], NULL));
	free(own.data);
	return result;
}
