/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kit: what every probe is written with.
 *
 * A probe makes one behaviour happen and says what it saw.  It never judges.  Three kinds of verbs:
 *
 *   must(...)   set-up: if it fails the fault is ours, and the probe ends
 *   see_...()   the behaviour: the call is made once and logged whole: arguments, result, errno,
 *               times and what it left in the caller's memory
 *   note_...()  a fact worth a line in the log
 *
 * The log goes, a JSON object a line, to the descriptor in $SOCKSPEC_LOG; without it a readable
 * trace goes to standard output.  Every line is one write() of at most PIPE_BUF bytes, so that
 * threads and processes never cut each other's lines.
 */
#ifndef SOCKSPEC_KIT_H
#define SOCKSPEC_KIT_H

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* --- the probe's frame ------------------------------------------------------------------- */

/* Reads the variant from the arguments (NAME=VALUE), opens the log, sets the effective
 * capabilities aside, so that the calls under test are those of an ordinary program. */
void probe_begin(int argc, char **argv);

/* Logs that the probe ran to its end.  Returns main()'s status. */
int probe_end(void);

/* The variant's value; a missing one is a fault.  variant_or() has a default. */
const char *variant(const char *name);
const char *variant_or(const char *name, const char *otherwise);
bool variant_is(const char *name, const char *value);
long variant_number(const char *name);

/* Calls work() for each item of the variant's list, NAME=A,B,C.  In a text %XX stands for any byte but
 * 0, and an item may be empty; bytes are two hexadecimal digits each. */
void each_text(const char *name, void (*work)(const char *text));
void each_bytes(const char *name, void (*work)(const unsigned char *bytes, size_t size));

/* AF_INET, AF_INET6 or AF_UNIX, from the variant "family" (inet, inet6, unix). */
int family(void);

/* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET or SOCK_RAW, from the variant "type" (stream, dgram, ...). */
int type(void);

/* SHUT_RD, SHUT_WR or SHUT_RDWR, from the variant "how" (rd, wr, rdwr). */
int shut_how(void);

/* --- set-up: a failure is ours ------------------------------------------------------------ */

/* Ends the probe with a fault that names the expression, its errno and the place. */
_Noreturn void fault_at(const char *what, int error, const char *file, int line);

/* As above, with a message of our own. */
#define fault(...) fault_format(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void fault_format(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inline int must_at(long result, const char *what, const char *file, int line)
{
	if (result == -1)
		fault_at(what, errno, file, line);
	return (int)result;
}

/* For calls that say failure with -1 and errno. */
#define must(expression) must_at((expression), #expression, __FILE__, __LINE__)

/* The target lacks the thing this probe is about; ends the probe.  Not a fault. */
_Noreturn void unsupported(const char *what, int error);

/* This stage, or these privileges, lack what the probe needs to make its behaviour happen; ends the
 * probe.  Neither a fault nor a lack of the target's: the claims are not observed. */
_Noreturn void unavailable(const char *what, int error);

/* Closes the descriptor when the variable goes out of scope. */
static inline void cleanup_fd(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}
#define _cleanup_fd_ __attribute__((cleanup(cleanup_fd)))

/* --- the log beside the calls -------------------------------------------------------------- */

/* What follows belongs to this step; the format is printf's. */
void step(const char *format, ...) __attribute__((format(printf, 1, 2)));

void note_number(const char *name, int64_t value);
void note_text(const char *name, const char *value);
void note_errno(const char *name, int error);

/* The value is the bytes in hexadecimal, at most 256 of them. */
void note_bytes(const char *name, const void *bytes, size_t size);

/* The errno's name, e.g. "ECONNREFUSED"; "errno 4711" if it has none. */
const char *errno_name(int error);

/* --- addresses ----------------------------------------------------------------------------- */

/* A socket address of any family with its length, and guard bytes behind it. */
struct name {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_storage storage;
		unsigned char bytes[160];
	};
	socklen_t length;
};

/* The places of a stage. */
enum place {
	NEAR,	     /* the probe's own host */
	FAR,	     /* the other host; on lo and host the same one; on wire the scripted peer */
	WILDCARD,    /* 0.0.0.0, :: */
	UNREACHABLE, /* no route leads there: known at once (lo, pair) */
	REJECTED,    /* a route says that this host cannot be reached (lo, pair) */
	SILENT,	     /* packets leave and nobody ever answers (pair, wire) */
};

/* An address of the variant's family (host byte order for the port).  For AF_UNIX: the port
 * names the socket, in the job's own directory; NEAR and FAR are different names. */
struct name name_of(enum place place, uint16_t port);

/* The same for a family of the caller's choice. */
struct name name_in(int family, enum place place, uint16_t port);

/* The AF_UNIX address that is the absolute path name of a file in the job's folder; where such a name is
 * too long for one the probe ends as unavailable. */
struct name absolute_name(const char *file);

/* All bytes are `fill`, the length is `length`: for calls that write an address. */
struct name name_filled(unsigned char fill, socklen_t length);

/* Where a socket is bound or connected: getsockname(), getpeername() as set-up. */
struct name name_of_socket(int fd);
struct name name_of_peer(int fd);

/* The port in host byte order, 0 where the family has none. */
uint16_t port_of(const struct name *name);
void set_port(struct name *name, uint16_t port);

/* Buffer lengths to ask for an address of `exact` bytes with: 0, some too short for it, `exact` itself
 * and some with room to spare, up to the most that see_getsockname() takes.  Returns how many. */
enum { BUFFER_LENGTHS_MAX = 12 };
size_t buffer_lengths(socklen_t exact, socklen_t lengths[BUFFER_LENGTHS_MAX]);

/* The addresses at which the near host is reached, with the given port, and from which host: "near";
 * "loopback" where that is another one; for AF_INET6 also "mapped", the near host's AF_INET address,
 * which reaches an AF_INET6 socket as ::ffff:a.b.c.d (RFC 3493, 3.7).  Returns how many. */
struct own_name {
	const char *word;
	struct name name;
	enum place from;
};
enum { OWN_NAMES_MAX = 3 };
size_t own_names(uint16_t port, struct own_name names[OWN_NAMES_MAX]);

/* An AF_INET address as an AF_INET6 socket has it, ::ffff:a.b.c.d (RFC 4291, 2.5.5.2); the same port. */
struct name name_mapped(const struct name *inet);

/* An address that the near host reaches through a gateway, the far host, which forwards nothing (pair
 * only): the route to it is made here. */
struct name name_beyond_gateway(uint16_t port);

/* A note that gives an address a name in the log. */
void note_name(const char *what, const struct name *name);

/* --- sockets as set-up ---------------------------------------------------------------------- */

/* A socket of the variant's family on the given host of the stage (NEAR or FAR). */
int open_socket(enum place side, int type);
int open_socket_in(int family, enum place side, int type, int protocol);

/* Bound to an ephemeral port of the address of its own host (never the wildcard). */
int open_bound(enum place side, int type);

/* Bound and listening. */
int open_listener(enum place side, int backlog);

/* The same of another type, SOCK_SEQPACKET (AF_UNIX only) or SOCK_STREAM. */
int open_listener_of(enum place side, int type, int backlog);

/* A port of that host where nothing listens.  It stays bound, so that no one else takes it, to a
 * socket of the kit that never listens (TCP) or that hears only itself (UDP). */
struct name refusing_name(enum place side, int type);

/* A connected pair.  near is on the near host and made the connection; listener stays open, or is -1. */
struct link {
	int near;
	int far;
	int listener;
};
struct link open_stream_link(void);
struct link open_datagram_link(void);

/* A link of the given type, SOCK_SEQPACKET (AF_UNIX only) included. */
struct link open_link(int type);

/* Sockets of the variant's type that are no more, or not yet, connected: connect() was refused, or the
 * connection was dissolved by AF_UNSPEC.  Those calls are in the log: they are not sure to do so. */
int open_refused(void);
int open_disconnected(void);

/* Whether the kernel holds all that was sent towards fd: waits (bounded) until `bytes` lie unread. */
void await_unread(int fd, size_t bytes);

/* The same for data that may be thrown away: waits (bounded, for half a second) until `bytes` lie unread
 * at `to`, or the connection of `from`, which sent them, is broken, or TCP has them acknowledged; then
 * goes on, so that it is seen which. */
void await_outcome(int from, int to, size_t bytes);

/* Waits (bounded) until all that the stream socket `from` sent has arrived at `to` and was taken
 * out of its queue by a receiving call. */
void await_taken(int from, int to);

/* Waits (bounded) until poll() reports one of `events` on fd. */
void await_poll(int fd, short events);

/* setsockopt() of an integer as set-up.  The second is for one that the target may lack: then the probe ends
 * as unsupported. */
void set_option(int fd, int level, int option, int value);
void need_option(int fd, int level, const char *name, int option, int value);

/* What arrives at the socket is lost, and its sender learns nothing; lose_nothing() ends that. */
void lose_all(int fd);
void lose_nothing(int fd);

/* Waits (bounded) until `count` datagrams were lost at the socket. */
void await_lost(int fd, unsigned count);

/* How many packets were lost at the socket so far; of a TCP listener also those that it turned away,
 * since its queue was full.  -1 where the target does not tell. */
int64_t lost_at(int fd);

/* --- TCP servers that are there and do not answer --------------------------------------------- */

/* A server that leaves a SYN unanswered, as the variant "silence" says:
 *   full_queue  its queue of connections is full (listen() with backlog 0, and one connection)
 *   filter      its socket's filter loses all segments
 *   no_host     no host has the address (pair only); the listener is -1 */
struct silent {
	struct name name;
	int listener;
};
struct silent open_silent(void);

/* Ends the silence (not that of no_host) towards a client that is connecting: another socket of the
 * server's port connects to the client's port, so that the two SYNs cross (RFC 9293, 3.5, figure 7)
 * and the connection stands without a retransmission to wait for.  Returns the far end. */
int call_back(const struct silent *silent, int client);

/* Waits (bounded) until the connect() of a TCP client has an outcome, or the server has dropped its SYN, i.e.
 * lost_at(listener) is no longer `lost`, as before that connect().  Returns whether there is an outcome.
 * A time limit stands in where the target counts no losses. */
bool await_answer(int client, int listener, int64_t lost);

/* Lets no queue of connections on the near host be longer than `most`, whatever backlog listen() is given
 * (net.core.somaxconn).  False where the stage or the target has no such limit to set. */
bool limit_queues(int most);

/* The listener loses what has ACK and not SYN: the last step of each handshake. */
void lose_acks(int fd);

/* --- data ---------------------------------------------------------------------------------- */

/* Byte i of the pattern with a seed: (31 seed + 7 i + 13 (i / 256)) mod 256. */
void pattern_fill(void *buffer, size_t size, size_t offset, unsigned seed);

/* send() of all bytes as set-up. */
void send_all(int fd, const void *data, size_t size);

/* Small data leaves at once, acknowledged or not what was sent before it (TCP_NODELAY); there is nothing
 * to set on other sockets than those of TCP. */
void send_at_once(int fd);

/* Waits (bounded) until the peer's host has acknowledged all that was sent; at once where the
 * target does not tell. */
void await_acknowledged(int fd);

/* The lowest number that is no open descriptor of this process. */
int lowest_free_fd(void);

/* Notes which descriptors of the probe's are open, as "open": "0,1,2,5". */
void note_open_fds(void);

/* --- the calls under test -------------------------------------------------------------------- */
/* Each returns what the call returned and leaves errno as the call left it. */

int see_socket(int domain, int type, int protocol);
int see_socket_far(int domain, int type, int protocol);

/* The same with the privileges that the stage gives, for kinds that ask for some, e.g. SOCK_RAW; where
 * they do not suffice the probe ends as unavailable. */
int see_socket_privileged(enum place side, int domain, int type, int protocol);

int see_bind(int fd, const struct name *name);
int see_listen(int fd, int backlog);
int see_connect(int fd, const struct name *peer);

/* AF_UNSPEC: dissolves a datagram socket's association. */
int see_disconnect(int fd);

/* peer may be NULL. */
int see_accept(int fd, struct name *peer);
int see_close(int fd);
int see_shutdown(int fd, int how);
int see_dup(int fd);
int see_dup2(int fd, int number);

/* `name` gives the buffer and the length that the call is told; at most sizeof name->bytes - 16.
 * Logged: how many bytes from the front changed, the address, the length that came back. */
int see_getsockname(int fd, struct name *name);
int see_getpeername(int fd, struct name *name);

/* Both of the above, the peer's first, with room for any address. */
void see_both_names(int fd);

/* getsockopt() of an option that is an address; the buffer and the log as for getsockname(). */
int see_getsockopt_name(int fd, int level, const char *name, int option, struct name *value);

/* The state of a TCP socket in the log, e.g. LISTEN, by getsockopt() TCP_INFO; ENOPROTOOPT where the
 * target has no such option. */
int see_tcp_state(int fd);

/* SO_ERROR, read once: the pending error's name is in the log and returned. */
int see_so_error(int fd);

/* An integer option by its names, e.g. see_getsockopt(fd, SOL_SOCKET, "SO_ACCEPTCONN", SO_ACCEPTCONN). */
int see_getsockopt(int fd, int level, const char *name, int option);

/* A time limit by its option, e.g. see_set_timeout(fd, "SO_RCVTIMEO", SO_RCVTIMEO, 50000). */
int see_set_timeout(int fd, const char *name, int option, long us);

/* SO_LINGER; the time is in seconds. */
int see_set_linger(int fd, int on, int seconds);

/* fcntl() F_GETFL: the file status flags, e.g. O_RDWR|O_NONBLOCK, are in the log and returned. */
int see_get_flags(int fd);

/* fcntl() F_SETFL. */
int see_set_flags(int fd, int flags);

/* Sets an integer option; the name as above. */
int see_setsockopt(int fd, int level, const char *name, int option, int value);

/* A command that takes an int, by its names, e.g. see_fcntl(fd, "F_GETFD", F_GETFD, 0). */
int see_fcntl(int fd, const char *name, int command, int argument);

/* sockatmark(): whether the next byte to read is the one behind the urgent mark. */
int see_sockatmark(int fd);

/* ioctl() FIONREAD, TIOCOUTQ: how many bytes lie unread, or in the send queue until the peer acknowledges
 * them, is in the log and returned. */
int see_unread(int fd);
int see_unsent(int fd);

/* poll() of one descriptor, at most `limit_ms`; logs the events that came back. */
int see_poll(int fd, short events, int limit_ms);

/* select() that looks, without waiting, for an exceptional condition of the descriptor. */
int see_select_exceptional(int fd);

/* open(); a file that is made is its owner's. */
int see_open(const char *path, int flags);
off_t see_lseek(int fd, off_t offset, int whence);
int see_unlink(const char *path);

/* What kind of file it is, e.g. S_IFSOCK, and its size are in the log. */
int see_stat(const char *path);

/* One byte of a stream of the C library, and the stream's own position. */
int see_fgetc(FILE *stream);
long see_ftell(FILE *stream);

/* Which function a variant asks for: by=read, readv, recv, recvfrom or recvmsg. */
enum reader { BY_READ, BY_READV, BY_RECV, BY_RECVFROM, BY_RECVMSG };
enum reader reader(void);

/* The function's name, e.g. "recvmsg". */
const char *reader_name(enum reader by);

/* Receives at most `size` bytes in the given way; flags must be 0 for read and readv.  readv and
 * recvmsg use two buffers, split in the middle.  The buffer is filled and guarded: the log has
 * the data, and how many bytes were changed behind the result and beyond the buffer. */
ssize_t see_receive(enum reader by, int fd, size_t size, int flags);

/* As see_receive() with no flags, but it never blocks: EAGAIN where nothing is there.  The second
 * waits (bounded) until something is, so that a datagram that never comes is seen, and hangs nothing. */
ssize_t see_receive_now(enum reader by, int fd, size_t size);
ssize_t see_receive_soon(enum reader by, int fd, size_t size);

/* recvfrom() with an address buffer of from->length bytes, or with NULL for both. */
ssize_t see_recvfrom(int fd, size_t size, int flags, struct name *from);

/* Which function a variant asks for: by=write, writev, send, sendto or sendmsg. */
enum writer { BY_WRITE, BY_WRITEV, BY_SEND, BY_SENDTO, BY_SENDMSG };
enum writer writer(void);

/* The function's name, e.g. "sendmsg". */
const char *writer_name(enum writer by);

/* Sends in the given way; `to` may be NULL, and must be for write, writev and send. */
ssize_t see_send(enum writer by, int fd, const void *data, size_t size, int flags,
		 const struct name *to);

/* The most buffers of one call with parts. */
enum { PARTS_MAX = 8 };

/* Receives into `count` buffers of the given sizes, by readv or recvmsg.  The buffers lie apart from
 * one another, each guarded; the log has what each got as part1, part2, ... and, over all of them,
 * what see_receive() logs of one. */
ssize_t see_receive_parts(enum reader by, int fd, const size_t *sizes, size_t count, int flags);

/* Sends `data` from `count` buffers of the given sizes, which lie apart and in reverse order of
 * memory, by writev or sendmsg. */
ssize_t see_send_parts(enum writer by, int fd, const void *data, const size_t *sizes, size_t count,
		       int flags);

/* --- a conversation: what shows that a connection lives, or has ended ------------------------------ */

enum { SAID = 64 }; /* bytes at a time */

/* write() of SAID bytes of the pattern with this seed. */
ssize_t see_speak(int fd, unsigned seed);

/* recv() of what comes next, be it data or the end of the stream.  Where nothing comes (bounded) it
 * fails with EAGAIN, so that this too is seen, and the probe goes on. */
ssize_t see_arrival(int fd, size_t size);

/* near says something to far, and far something to near. */
void see_exchange(int near, int far, unsigned seed);

/* --- full buffers ---------------------------------------------------------------------------- */

/* A link whose two buffers are asked to be of NARROW bytes, and do not grow. */
enum { NARROW = 8192 };
struct link open_narrow_link(int type);
void close_link(const struct link *link);

/* Waits (bounded) until TCP has nothing on its way from near to far: what lies unsent waits for space
 * at far.  The acknowledgement that far would delay comes with a byte from far, which is taken at once. */
void await_still(const struct link *link);

/* How many bytes of a stream near has sent and far has not received, when all is still. */
size_t bytes_held(const struct link *link);

/* Sends the pattern with seed 0 from near, at most 65536 bytes at a time, or in messages of `size`
 * bytes, until nothing more is taken, and all is still.  Returns how many bytes were taken. */
size_t fill_link(const struct link *link, size_t size);

/* Receives until `bytes` bytes have come, at most DRAINED at a time, or (bounded) nothing comes. */
enum { DRAINED = 65536 };
size_t see_drain(enum reader by, int fd, size_t bytes);

/* A client of the variant's type, on the host to->from, connects to that address and says something.  If
 * it reaches s, which listens or takes datagrams, then s hears it, through the accepted socket if it
 * listens, and that one's own name is seen; if not, then the client's error. */
void see_client_at(int s, const struct own_name *to, unsigned seed);

/* --- functions without side effects ------------------------------------------------------------ */
/* Each is called through a pointer that the compiler cannot see through, so that the libc's function runs
 * and not one that the compiler knows.  Memory that a function was to write is in the log whole, guard
 * included: a byte that it did not write is 0xa5. */

/* The text is at most 255 bytes long.  `memory` in the log: room for an IPv6 address, and as much again. */
int see_inet_pton(int family, const char *text);

/* The buffer is said to hold `size` bytes, at most 48, of the 64 in the log; `in_buffer` tells whether the
 * pointer that came back is the buffer's. */
void see_inet_ntop(int family, const unsigned char *address, socklen_t size);

/* The same with NULL for the buffer. */
void see_inet_ntop_null(int family, const unsigned char *address, socklen_t size);

/* The `memory` of inet_aton(): 16 bytes; of inet_addr(): its result, as it lies there. */
int see_inet_aton(const char *text);
in_addr_t see_inet_addr(const char *text);
in_addr_t see_inet_network(const char *text);

/* Of an address of 4 bytes in network order. */
void see_inet_ntoa(const unsigned char *address);
in_addr_t see_inet_lnaof(const unsigned char *address);
in_addr_t see_inet_netof(const unsigned char *address);

/* The byte functions work inside BYTES bytes of memory, aligned to 64, that hold the pattern with seed 0;
 * all of them are in the log as data.  Where bytes are is told as an offset from the memory's begin; a
 * result that is the destination's pointer is logged as "dest". */
enum { BYTES = 16384 };
void see_bzero(size_t at, size_t count);
void see_bcopy(size_t source, size_t destination, size_t count);
void see_memset(size_t at, int value, size_t count);
void see_memcpy(size_t destination, size_t source, size_t count);

/* The two functions that compare, of bytes that the log has. */
int see_bcmp(const void *one, const void *other, size_t count);
int see_memcmp(const void *one, const void *other, size_t count);

/* The same without a line in the log, for runs. */
int bcmp_unlogged(const void *one, const void *other, size_t count);
int memcmp_unlogged(const void *one, const void *other, size_t count);

/* Many calls of one function as one line of the log: work() is called for `first`, `first` + `step`, ...,
 * `count` values of 32 bits, and leaves `size` bytes for each; all of these are in the log as data. */
void see_run(const char *name, uint32_t first, uint32_t step, size_t count, size_t size,
	     void (*work)(uint32_t value, unsigned char *result));

/* --- threads that block ---------------------------------------------------------------------- */

/* A thread of this process that makes a call which may block. */
struct sleeper {
	pthread_t thread;
	const char *who;
	void (*work)(void *);
	void *argument;
	int stat_fd;	/* its /proc/thread-self/stat, or -1 */
	int syscall_fd; /* its /proc/thread-self/syscall, or -1 */
	int state;	/* 0 starting, 1 running, 2 done; atomic */
};

/* Starts work(argument) in a thread named `who` in the log. */
void sleeper_start(struct sleeper *sleeper, const char *who, void (*work)(void *), void *argument);

/* Waits until the thread is asleep inside `call`, or has finished its work, and logs which.
 * Where the target does not tell a thread's state, a time limit stands in and the log says so. */
void see_asleep(struct sleeper *sleeper, const char *call);

/* Whether its work is finished, this moment. */
bool sleeper_done(struct sleeper *sleeper);

/* Sends it a signal. */
void sleeper_signal(struct sleeper *sleeper, int signal);

/* Waits until its work is finished. */
void sleeper_join(struct sleeper *sleeper);

/* The same for a thread that ought to be awake by now: should nothing have woken it (bounded), a signal
 * ends its call with EINTR, so that this too is seen, and the probe goes on.  Returns whether it ended
 * without that. */
bool sleeper_end(struct sleeper *sleeper);

/* A thread that makes one receiving call, as see_receive() does. */
struct receiver {
	struct sleeper sleeper;
	enum reader by;
	int fd;
	size_t size;
	int flags;
};

/* Starts the call in a thread named `who` in the log; sleeper_join(&receiver->sleeper) ends it. */
void receiver_start(struct receiver *receiver, const char *who, enum reader by, int fd, size_t size,
		    int flags);

/* see_asleep() in the call that it makes. */
void see_receiver_asleep(struct receiver *receiver);

/* A thread, "writer" in the log, that makes one sending call, as see_send() does. */
struct sender {
	struct sleeper sleeper;
	enum writer by;
	int fd;
	const void *data;
	size_t size;
	int flags;
	ssize_t result; /* once its work is finished */
};

void sender_start(struct sender *sender, enum writer by, int fd, const void *data, size_t size,
		  int flags);
void see_sender_asleep(struct sender *sender);

/* A thread, "client" in the log, that calls connect() once; sleeper_join(&connector->sleeper) ends it. */
struct connector {
	struct sleeper sleeper;
	int fd;
	struct name peer;
};
void connector_start(struct connector *connector, int fd, const struct name *peer);

/* A thread, `who` in the log, that calls accept() once, with room for any address.  `result` is what it
 * returned, once the thread is done. */
struct acceptor {
	struct sleeper sleeper;
	int fd;
	int result;
};
void acceptor_start(struct acceptor *acceptor, const char *who, int fd);

/* Catches the signal with a handler that only counts; flags as sigaction's sa_flags. */
void catch_signal(int signal, int flags);
int signals_caught(void);

/* Waits (bounded) until `count` signals were caught since the probe began. */
void await_signals(int count);

/* --- a second process ------------------------------------------------------------------------- */

/* A forked child that inherits every descriptor; the two meet at a pipe. */
struct child {
	pid_t pid;
	const char *who;
	int meet_fd; /* one end of a socket pair of the kit's own */
};

/* Forks; body(child, argument) runs in the child, which then exits. */
void child_start(struct child *child, const char *who, void (*body)(struct child *, void *),
		 void *argument);

/* Both sides call it; neither returns before the other has come.  The other side's death is a fault. */
void meet(struct child *child);

/* Waits for its end; a child that did not exit 0 is a fault. */
void child_join(struct child *child);

/* Runs body() in a forked child, which may crash, and notes how it ended as "ended": "exit 0", or the
 * signal, e.g. "SIGSEGV". */
void note_end_of(void (*body)(void));

/* Makes this process, a child's, one of the far host of the stage pair, with files of its own: the
 * job's folder is empty there.  The hosts of a stage have one kernel and else one file system. */
void move_to_far_host(void);

/* Replaces this process by the same program in another role.  The descriptor number is handed over
 * as an argument and is not close-on-exec.  The new program sees role() and inherited_fd(). */
_Noreturn void exec_self(const char *name, int fd);

/* The same in a child, which can go on meeting its parent: child_after_exec() is its other end. */
_Noreturn void exec_child(struct child *child, const char *name, int fd);
struct child child_after_exec(void);
bool role_is(const char *role);
int inherited_fd(void);

/* One more reference to a socket of the near host, of a kind:
 *   dup, dup2   another descriptor of this process
 *   fork        a child's, inherited
 *   exec        a child's, inherited, and kept through an exec
 *   rights      another process's, passed to it in a message (SCM_RIGHTS)
 *   in_flight   the message's that waits unread; when it is used, this process takes it
 * The other process has this descriptor, and no other of the probe's. */
struct hold {
	const char *kind;
	int fd;		    /* in this process, or -1 */
	int over;	    /* where the message waits, or -1 */
	struct child child; /* its pid is 0 if there is no other process */
};

void hold_start(struct hold *hold, const char *kind, int fd);

/* The calls under test, made through this reference, in the process that has it. */
void hold_say(struct hold *hold, unsigned seed);
void hold_arrival(struct hold *hold, size_t size);
void hold_shutdown(struct hold *hold, int how);

/* hold says something to far, and far something to hold. */
void hold_exchange(struct hold *hold, int far, unsigned seed);

/* Gives the reference up: by close(); or, where another process has it, by the end of that process,
 * or by its exec with FD_CLOEXEC set, after which the new program tries the number once. */
enum hold_end { END_CLOSE, END_EXIT, END_KILL, END_EXEC };
void hold_end(struct hold *hold, enum hold_end way);

/* To be called right after probe_begin() by probes that have holds: a program that was started for
 * one serves it here, and ends. */
void hold_role(void);

/* Passes a descriptor over a connected AF_UNIX socket (SCM_RIGHTS), as set-up. */
void pass_fd(int over, int fd);
int take_fd(int over);

/* --- the witness -------------------------------------------------------------------------------- */

/* Sends a marker datagram from one host to the other, the way that the packets under test would go.
 * All that the sender put on the wire before it stands before it in the record. */
void fence(enum place from);

/* Whether packets are captured on this stage; without that a fence is a no-op. */
bool witnessed(void);

/* ns on the record's clock. */
int64_t now_ns(void);

/* Says that what follows is a wait of seconds, for `why`: meanwhile another job may run. */
void waits(const char *why);

/* The stage's name: "lo", "pair", "wire" or "host". */
const char *stage(void);

#endif
