/* SPDX-License-Identifier: Apache-2.0 */
/* What a lie changes: the call before it is made (early), or what came of it. */
#include "lie.h"

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a lie waits at most, ms: a probe's own limits are far longer. */
enum { WAIT_MAX_MS = 400 };

/* Any that a socket may be connected to. */
enum { SELF_PORT = 9 };

static long changed(long old, char how, long value)
{
	if (how == '+')
		return old + value;
	return how == '-' ? old - value : value;
}

/* --- other calls, before or after: first.X, then.X ------------------------------------------------- */

static void do_shutdown(struct telling *telling, char how, long value)
{
	sincere.shutdown(telling->fd, (int)value);
}

static void do_close(struct telling *telling, char how, long value)
{
	sincere.close(telling->fd);
}

/* Takes what lies unread, up to so many bytes. */
static void do_recv(struct telling *telling, char how, long value)
{
	char thrown[4096];
	size_t size = value > 0 && (size_t)value < sizeof thrown ? (size_t)value : sizeof thrown;

	sincere.recv(telling->fd, thrown, size, MSG_DONTWAIT);
}

static void do_send(struct telling *telling, char how, long value)
{
	char more[1024];
	size_t size = (size_t)value < sizeof more ? (size_t)value : sizeof more;

	memset(more, 'x', sizeof more);
	sincere.send(telling->fd, more, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void do_listen(struct telling *telling, char how, long value)
{
	sincere.listen(telling->fd, (int)value);
}

/* Reads SO_ERROR, which clears it. */
static void do_error(struct telling *telling, char how, long value)
{
	int error;
	socklen_t length = sizeof error;

	sincere.getsockopt(telling->fd, SOL_SOCKET, SO_ERROR, &error, &length);
}

/* Waits until there is something to read, but not for ever. */
static void do_wait(struct telling *telling, char how, long value)
{
	struct pollfd poller = {.fd = telling->fd, .events = POLLIN};

	sincere.poll(&poller, 1, value < WAIT_MAX_MS ? (int)value : WAIT_MAX_MS);
}

static void do_pause(struct telling *telling, char how, long value)
{
	sincere.poll(NULL, 0, value < WAIT_MAX_MS ? (int)value : WAIT_MAX_MS);
}

/* Another socket of the kind connects to the same address, and is left open: the peer sees two.  Its number
 * is one of those that a probe does not use. */
static void do_another(struct telling *telling, char how, long value)
{
	int type = SOCK_STREAM;
	socklen_t length = sizeof type;
	int fd;
	int kept;

	if (!telling->to)
		return;
	sincere.getsockopt(telling->fd, SOL_SOCKET, SO_TYPE, &type, &length);
	fd = sincere.socket(telling->to->sa_family, type | SOCK_NONBLOCK, 0);
	kept = sincere.fcntl(fd, F_DUPFD_CLOEXEC, KIT_FDS);
	sincere.close(fd);
	sincere.connect(kept, telling->to, telling->to_length);
}

static void do_dissolve(struct telling *telling, char how, long value)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	sincere.connect(telling->fd, &nobody, sizeof nobody);
}

/* A datagram socket without a peer is its own from now on. */
static void do_self(struct telling *telling, char how, long value)
{
	struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof own;

	sincere.getsockname(telling->fd, (struct sockaddr *)&own, &length);
	if (own.ss_family == AF_INET) {
		((struct sockaddr_in *)&own)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		((struct sockaddr_in *)&own)->sin_port = htons(SELF_PORT);
	} else {
		((struct sockaddr_in6 *)&own)->sin6_addr = in6addr_loopback;
		((struct sockaddr_in6 *)&own)->sin6_port = htons(SELF_PORT);
	}
	/* The first time it gets a name, which is its peer's the second time. */
	sincere.connect(telling->fd, (struct sockaddr *)&own, length);
	sincere.getsockname(telling->fd, (struct sockaddr *)&own, &length);
	sincere.connect(telling->fd, (struct sockaddr *)&own, length);
}

static void do_linger(struct telling *telling, char how, long value)
{
	struct linger linger = {.l_onoff = 1, .l_linger = (int)value};

	sincere.setsockopt(telling->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void do_bind(struct telling *telling, char how, long value)
{
	struct sockaddr_storage any = {.ss_family = AF_UNIX};
	socklen_t length = sizeof any;

	sincere.getsockname(telling->fd, (struct sockaddr *)&any, &length);
	sincere.bind(telling->fd, (struct sockaddr *)&any, length);
}

static void do_dup(struct telling *telling, char how, long value)
{
	sincere.dup(telling->fd < 0 ? STDERR_FILENO : telling->fd);
}

/* An option of SOL_SOCKET that is an int: on, or off. */

static void switch_option(int fd, long option, int on)
{
	sincere.setsockopt(fd, SOL_SOCKET, (int)option, &on, sizeof on);
}

static void do_on(struct telling *telling, char how, long value)
{
	switch_option(telling->fd, value, 1);
}

static void do_off(struct telling *telling, char how, long value)
{
	switch_option(telling->fd, value, 0);
}

/* From now on the signal is raised in vain. */
static void do_ignore(struct telling *telling, char how, long value)
{
	signal((int)value, SIG_IGN);
}

/* Binds the socket to this port of any address, as if the caller had. */
static void bind_to_port(struct telling *telling, char how, long value)
{
	struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof own;

	if (sincere.getsockname(telling->fd, (struct sockaddr *)&own, &length))
		return;
	if (own.ss_family == AF_INET)
		((struct sockaddr_in *)&own)->sin_port = htons((in_port_t)value);
	else if (own.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&own)->sin6_port = htons((in_port_t)value);
	sincere.bind(telling->fd, (struct sockaddr *)&own, length);
}

static void set_flag(int fd, int flag, bool on)
{
	int flags = sincere.fcntl(fd, F_GETFL);

	if (flags >= 0)
		sincere.fcntl(fd, F_SETFL, on ? flags | flag : flags & ~flag);
}

static void do_nonblock(struct telling *telling, char how, long value)
{
	set_flag(telling->fd, O_NONBLOCK, true);
}

static void do_block(struct telling *telling, char how, long value)
{
	set_flag(telling->fd, O_NONBLOCK, false);
}

/* The descriptor that came back. */

static void new_nonblock(struct telling *telling, char how, long value)
{
	set_flag((int)telling->result, O_NONBLOCK, true);
}

static void new_block(struct telling *telling, char how, long value)
{
	set_flag((int)telling->result, O_NONBLOCK, false);
}

/* What the BSDs do: accept()'s socket is non-blocking as the listener is. */
static void new_inherits(struct telling *telling, char how, long value)
{
	int flags = sincere.fcntl(telling->fd, F_GETFL);

	if (flags >= 0)
		set_flag((int)telling->result, O_NONBLOCK, flags & O_NONBLOCK);
}

static void new_cloexec(struct telling *telling, char how, long value)
{
	sincere.fcntl((int)telling->result, F_SETFD, value ? FD_CLOEXEC : 0);
}

static void new_shutdown(struct telling *telling, char how, long value)
{
	sincere.shutdown((int)telling->result, (int)value);
}

/* Not the lowest number that is free, but one from here on. */
static void new_from(struct telling *telling, char how, long value)
{
	int flags = sincere.fcntl((int)telling->result, F_GETFD);
	bool ends = flags >= 0 && (flags & FD_CLOEXEC);
	int moved =
		sincere.fcntl((int)telling->result, ends ? F_DUPFD_CLOEXEC : F_DUPFD, (int)value);

	if (moved < 0)
		return;
	sincere.close((int)telling->result);
	telling->result = moved;
}

/* Another socket than the one that was asked for: of this domain, and of the type that it has. */
static void new_domain(struct telling *telling, char how, long value)
{
	int type = SOCK_STREAM;
	socklen_t length = sizeof type;
	int other;

	sincere.getsockopt((int)telling->result, SOL_SOCKET, SO_TYPE, &type, &length);
	other = sincere.socket((int)value, type, 0);
	if (other < 0)
		return;
	sincere.close((int)telling->result);
	telling->result = other;
}

/* --- the call itself ------------------------------------------------------------------------------- */

static void skip(struct telling *telling, char how, long value)
{
	telling->skipped = true;
}

/* Nothing comes of the second time. */
static void make_twice(struct telling *telling, char how, long value)
{
	telling->twice = true;
}

static void be_patient(struct telling *telling, char how, long value)
{
	telling->patience_ms = value < WAIT_MAX_MS ? (int)value : WAIT_MAX_MS;
	telling->flags &= ~MSG_DONTWAIT;
}

static void wait_for_all(struct telling *telling, char how, long value)
{
	be_patient(telling, how, value);
	telling->to_the_full = true;
}

static size_t room_of(const struct telling *telling)
{
	size_t room = 0;

	for (size_t i = 0; i < telling->count; i++)
		room += telling->parts[i].iov_len;
	return room;
}

/* It sleeps in the system's own call, for which the socket is changed as long as it lasts. */
void make_patiently(struct telling *telling, making *make)
{
	struct timeval limit = {.tv_usec = (suseconds_t)telling->patience_ms * 1000};
	int flags = sincere.fcntl(telling->fd, F_GETFL);
	struct timeval before[2];
	static const int options[] = {SO_RCVTIMEO, SO_SNDTIMEO};
	socklen_t size = sizeof limit;

	for (size_t i = 0; i < COUNT(options); i++) {
		sincere.getsockopt(telling->fd, SOL_SOCKET, options[i], &before[i], &size);
		sincere.setsockopt(telling->fd, SOL_SOCKET, options[i], &limit, sizeof limit);
	}
	if (telling->to_the_full)
		switch_option(telling->fd, SO_RCVLOWAT, (int)room_of(telling));
	set_flag(telling->fd, O_NONBLOCK, false);
	make(telling);
	sincere.fcntl(telling->fd, F_SETFL, flags);
	if (telling->to_the_full)
		switch_option(telling->fd, SO_RCVLOWAT, 1);
	for (size_t i = 0; i < COUNT(options); i++)
		sincere.setsockopt(telling->fd, SOL_SOCKET, options[i], &before[i],
				   sizeof before[i]);
}

/* Flags: NAME=X these alone, NAME+X these too, NAME-X not these. */
static int changed_flags(int old, char how, long value)
{
	if (how == '+')
		return old | (int)value;
	return how == '-' ? old & ~(int)value : (int)value;
}

static void change_flag(struct telling *telling, char how, long value)
{
	telling->flags = changed_flags(telling->flags, how, value);
}

static void change_value(struct telling *telling, char how, long value)
{
	telling->number[0] = changed(telling->number[0], how, value);
}

static void change_second(struct telling *telling, char how, long value)
{
	telling->number[1] = changed(telling->number[1], how, value);
}

static void change_third(struct telling *telling, char how, long value)
{
	telling->number[2] = changed(telling->number[2], how, value);
}

static void change_option(struct telling *telling, char how, long value)
{
	telling->option = (int)changed(telling->option, how, value);
}

/* All parts together become so long. */
static void change_size(struct telling *telling, char how, long value)
{
	size_t total = 0;
	size_t left;
	long wanted;

	for (size_t i = 0; i < telling->count; i++)
		total += telling->parts[i].iov_len;
	wanted = changed((long)total, how, value);
	left = wanted > 0 ? (size_t)wanted : 0;
	for (size_t i = 0; i < telling->count; i++) {
		if (telling->parts[i].iov_len > left)
			telling->parts[i].iov_len = left;
		left -= telling->parts[i].iov_len;
	}
}

/* Memory is taken to be so large, also larger than it is. */
static void change_room(struct telling *telling, char how, long value)
{
	struct iovec *part = &telling->parts[0];
	long room = changed((long)part->iov_len, how, value);

	if (telling->count)
		part->iov_len = room > 0 ? (size_t)room : 0;
}

/* What is sent has one bit changed; the caller's own bytes stay. */
static void flip_sent(struct telling *telling, char how, long value)
{
	struct iovec *part = &telling->parts[0];
	unsigned char *copy;

	if (!telling->count || !part->iov_len || telling->data_changed)
		return;
	copy = malloc(part->iov_len);
	if (!copy)
		return;
	memcpy(copy, part->iov_base, part->iov_len);
	copy[(size_t)value < part->iov_len ? (size_t)value : 0] ^= 1;
	part->iov_base = telling->data_changed = copy;
}

/* The int that setsockopt() is given; the caller's own stays. */
static void change_given(struct telling *telling, char how, long value)
{
	struct iovec *part = &telling->parts[0];

	if (!telling->count || part->iov_len < sizeof telling->number_given)
		return;
	memcpy(&telling->number_given, part->iov_base, sizeof telling->number_given);
	telling->number_given = (int)changed(telling->number_given, how, value);
	part->iov_base = &telling->number_given;
	part->iov_len = sizeof telling->number_given;
}

/* What is sent goes without its ancillary data. */
static void send_no_control(struct telling *telling, char how, long value)
{
	if (telling->message)
		telling->message->msg_controllen = 0;
}

/* Each part is sent by itself. */
static void send_apart(struct telling *telling, char how, long value)
{
	ssize_t sent = 0;

	telling->skipped = true;
	for (size_t i = 0; i < telling->count && sent >= 0; i++) {
		sent = sincere.send(telling->fd, telling->parts[i].iov_base,
				    telling->parts[i].iov_len, telling->flags);
		if (sent > 0)
			telling->result += sent;
	}
	if (sent < 0 && !telling->result)
		leave(telling, -1);
}

/* --- addresses ------------------------------------------------------------------------------------- */

static void add_to_port(struct sockaddr *address, char how, long value)
{
	in_port_t *port = NULL;

	if (address->sa_family == AF_INET)
		port = &((struct sockaddr_in *)(void *)address)->sin_port;
	else if (address->sa_family == AF_INET6)
		port = &((struct sockaddr_in6 *)(void *)address)->sin6_port;
	if (port)
		*port = htons((in_port_t)changed(ntohs(*port), how, value));
}

/* The last byte of an address, or of a name. */
static void add_to_address(struct sockaddr *address, socklen_t length, char how, long value)
{
	unsigned char *last = NULL;

	if (address->sa_family == AF_INET)
		last = (unsigned char *)address + offsetof(struct sockaddr_in, sin_addr) + 3;
	else if (address->sa_family == AF_INET6)
		last = (unsigned char *)address + offsetof(struct sockaddr_in6, sin6_addr) + 15;
	else if (length > sizeof address->sa_family + 1)
		last = (unsigned char *)address + sizeof address->sa_family;
	if (last)
		*last = (unsigned char)changed(*last, how, value);
}

/* The caller's address is not to be written to: the copy that was taken of it is changed. */
static struct sockaddr *changed_to(struct telling *telling)
{
	if (!telling->to || telling->to_length > sizeof telling->to_changed)
		return NULL;
	telling->to = (struct sockaddr *)&telling->to_changed;
	return (struct sockaddr *)&telling->to_changed;
}

static void to_port(struct telling *telling, char how, long value)
{
	struct sockaddr *to = changed_to(telling);

	if (to)
		add_to_port(to, how, value);
}

static void swap_port(struct sockaddr *address)
{
	unsigned char *port = NULL;
	unsigned char high;

	if (address->sa_family == AF_INET)
		port = (unsigned char *)address + offsetof(struct sockaddr_in, sin_port);
	else if (address->sa_family == AF_INET6)
		port = (unsigned char *)address + offsetof(struct sockaddr_in6, sin6_port);
	if (!port)
		return;
	high = port[0];
	port[0] = port[1];
	port[1] = high;
}

static void to_port_swapped(struct telling *telling, char how, long value)
{
	struct sockaddr *to = changed_to(telling);

	if (to)
		swap_port(to);
}

static void to_address(struct telling *telling, char how, long value)
{
	struct sockaddr *to = changed_to(telling);

	if (to)
		add_to_address(to, telling->to_length, how, value);
}

static void to_anyone(struct telling *telling, char how, long value)
{
	struct sockaddr *to = changed_to(telling);

	if (to && to->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)to)->sin_addr.s_addr = 0;
	else if (to && to->sa_family == AF_INET6)
		memset(&((struct sockaddr_in6 *)(void *)to)->sin6_addr, 0, 16);
}

static void to_loopback(struct telling *telling, char how, long value)
{
	struct sockaddr *to = changed_to(telling);

	if (to && to->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)to)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (to && to->sa_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)to)->sin6_addr = in6addr_loopback;
}

static void to_length(struct telling *telling, char how, long value)
{
	long length = changed((long)telling->to_length, how, value);

	if (changed_to(telling) && length >= 0 && length <= (long)sizeof telling->to_changed)
		telling->to_length = (socklen_t)length;
}

/* As if no address had been given. */
static void to_none(struct telling *telling, char how, long value)
{
	telling->to = NULL;
	telling->to_length = 0;
}

static bool from_is_there(const struct telling *telling)
{
	return telling->from && telling->from_length && !telling->unwritable;
}

static size_t from_room(const struct telling *telling)
{
	size_t room = telling->length_before;

	return room < sizeof telling->from_before ? room : sizeof telling->from_before;
}

/* The address that the call left, as far as there is room for it; the rest is zeros. */
static struct sockaddr_storage from_taken(const struct telling *telling)
{
	struct sockaddr_storage name = {.ss_family = AF_UNSPEC};

	if (from_is_there(telling))
		memcpy(&name, telling->from, from_room(telling));
	return name;
}

static void from_put(struct telling *telling, const struct sockaddr_storage *name)
{
	if (from_is_there(telling))
		memcpy(telling->from, name, from_room(telling));
}

static void from_port(struct telling *telling, char how, long value)
{
	struct sockaddr_storage name = from_taken(telling);

	add_to_port((struct sockaddr *)&name, how, value);
	from_put(telling, &name);
}

/* The port without the byte swap, on a machine that needs one. */
static void from_port_swapped(struct telling *telling, char how, long value)
{
	struct sockaddr_storage name = from_taken(telling);

	swap_port((struct sockaddr *)&name);
	from_put(telling, &name);
}

static void from_address(struct telling *telling, char how, long value)
{
	struct sockaddr_storage name = from_taken(telling);

	add_to_address((struct sockaddr *)&name, telling->length_before, how, value);
	from_put(telling, &name);
}

static void from_family(struct telling *telling, char how, long value)
{
	struct sockaddr_storage name = from_taken(telling);

	name.ss_family = (sa_family_t)changed(name.ss_family, how, value);
	from_put(telling, &name);
}
static void from_zero(struct telling *telling, char how, long value)
{
	struct sockaddr_storage zeros = {.ss_family = AF_UNSPEC};

	from_put(telling, &zeros);
}

static void from_kept(struct telling *telling, char how, long value)
{
	from_put(telling, &telling->from_before);
}

/* The other end's name in place of this one's, or the reverse. */
static void from_swapped(struct telling *telling, char how, long value)
{
	struct sockaddr_storage other = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof other;
	bool is_peer = strcmp(telling->call, "getsockname") != 0;
	int fd = strcmp(telling->call, "accept") ? telling->fd : (int)telling->result;

	if (!from_is_there(telling))
		return;
	if ((is_peer ? sincere.getsockname : sincere.getpeername)(fd, (struct sockaddr *)&other,
								  &length))
		return;
	from_put(telling, &other);
	*telling->from_length = length;
}

/* All of the name, however little room the caller told: probes have memory to spare for that. */
static void from_whole(struct telling *telling, char how, long value)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof name;
	bool is_own = !strcmp(telling->call, "getsockname");
	int fd = strcmp(telling->call, "accept") ? telling->fd : (int)telling->result;

	if (!from_is_there(telling) || (is_own ? sincere.getsockname : sincere.getpeername)(
					       fd, (struct sockaddr *)&name, &length))
		return;
	memcpy(telling->from, &name, length < sizeof name ? length : sizeof name);
}

/* Any address of the host, with the port as it is. */
static void from_wildcard(struct telling *telling, char how, long value)
{
	if (!from_is_there(telling))
		return;
	if (telling->from->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)telling->from)->sin_addr.s_addr = INADDR_ANY;
	else if (telling->from->sa_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)telling->from)->sin6_addr = in6addr_any;
}

static void from_length(struct telling *telling, char how, long value)
{
	if (telling->from_length && !telling->unwritable)
		*telling->from_length = (socklen_t)changed(*telling->from_length, how, value);
}

static void length_kept(struct telling *telling, char how, long value)
{
	if (telling->from_length && !telling->unwritable)
		*telling->from_length = telling->length_before;
}

/* --- the outcome ----------------------------------------------------------------------------------- */

static void fail_with(struct telling *telling, char how, long value)
{
	telling->result = -1;
	telling->error = (int)value;
}

/* errno without a result that says failure. */
static void only_errno(struct telling *telling, char how, long value)
{
	telling->error = (int)value;
}

static void change_result(struct telling *telling, char how, long value)
{
	telling->result = changed(telling->result, how, value);
	if (telling->result != -1)
		telling->error = 0;
}

/* A byte order function that leaves its value as it is. */
static void keep_value(struct telling *telling, char how, long value)
{
	telling->result = telling->number[0];
}

/* Data of the first part; NULL: there is none, or it cannot be written to. */
static unsigned char *data_of(const struct telling *telling)
{
	return telling->count && !telling->unwritable ? telling->parts[0].iov_base : NULL;
}

/* How many bytes of the first part are data now: what was received, of an option what it has, else all. */
static size_t data_size(const struct telling *telling)
{
	size_t room = telling->count ? telling->parts[0].iov_len : 0;
	size_t size;

	if (telling->fd < 0 || !strcmp(telling->call, "ioctl"))
		return room;
	if (!strcmp(telling->call, "getsockopt"))
		size = telling->from_length ? *telling->from_length : 0;
	else
		size = telling->result > 0 ? (size_t)telling->result : 0;
	return size < room ? size : room;
}

static void flip_data(struct telling *telling, char how, long value)
{
	if (data_of(telling) && value >= 0 && (size_t)value < data_size(telling))
		data_of(telling)[value] ^= 1;
}

static void zero_data(struct telling *telling, char how, long value)
{
	if (data_of(telling))
		memset(data_of(telling), 0, data_size(telling));
}

/* The first so many bytes, the last one first; 0: all. */
static void reverse_data(struct telling *telling, char how, long value)
{
	unsigned char *data = data_of(telling);
	size_t size = data_size(telling);

	if (value > 0 && (size_t)value < size)
		size = (size_t)value;
	for (size_t i = 0; data && i < size / 2; i++) {
		unsigned char byte = data[i];

		data[i] = data[size - 1 - i];
		data[size - 1 - i] = byte;
	}
}

/* A byte of what was received is lost. */
static void drop_byte(struct telling *telling, char how, long value)
{
	unsigned char *data = data_of(telling);

	if (!data || value < 0 || (size_t)value >= data_size(telling))
		return;
	memmove(data + value, data + value + 1, data_size(telling) - (size_t)value - 1);
	telling->result--;
}

/* A byte behind the data, 0 the next one; probes have room to spare for that. */
static void touch_beyond(struct telling *telling, char how, long value)
{
	unsigned char *data = data_of(telling);
	unsigned char byte;

	if (data && look_at(&byte, data + data_size(telling) + value, 1))
		data[data_size(telling) + (size_t)value] ^= 0xff;
}

/* The byte behind the caller's memory; probes have room to spare for that too. */
static void touch_behind(struct telling *telling, char how, long value)
{
	unsigned char *data = data_of(telling);
	unsigned char byte;

	if (data && look_at(&byte, data + telling->parts[0].iov_len, 1))
		data[telling->parts[0].iov_len] ^= 0xff;
}

/* As it was before the call; of much data the beginning. */

static void keep_data(struct telling *telling, char how, long value)
{
	size_t size = telling->count ? telling->parts[0].iov_len : 0;

	if (size > sizeof telling->data_before)
		size = sizeof telling->data_before;
	if (data_of(telling))
		memcpy(data_of(telling), telling->data_before, size);
}

/* An int that the call wrote: an option's value, ioctl()'s. */
static void change_seen(struct telling *telling, char how, long value)
{
	int seen;

	if (!data_of(telling) || telling->parts[0].iov_len < sizeof seen)
		return;
	memcpy(&seen, data_of(telling), sizeof seen);
	seen = (int)changed(seen, how, value);
	memcpy(data_of(telling), &seen, sizeof seen);
}

static void drop_control(struct telling *telling, char how, long value)
{
	if (!telling->message)
		return;
	telling->message->msg_controllen = 0;
}

/* One bit of a byte of the first message of the ancillary data that came. */
static void flip_control(struct telling *telling, char how, long value)
{
	struct cmsghdr *header;

	if (!telling->message || telling->result < 0 || telling->unwritable)
		return;
	header = CMSG_FIRSTHDR(telling->message);
	if (header && value >= 0 && CMSG_LEN((size_t)value) < header->cmsg_len)
		CMSG_DATA(header)[value] ^= 1;
}

static void change_outflags(struct telling *telling, char how, long value)
{
	if (telling->message)
		telling->message->msg_flags =
			changed_flags(telling->message->msg_flags, how, value);
}

/* Of each descriptor that poll() was asked about, but for the kit's. */
static void change_revents(struct telling *telling, char how, long value)
{
	struct pollfd *pollers = telling->parts[0].iov_base;
	size_t count = telling->parts[0].iov_len / sizeof *pollers;

	if (strcmp(telling->call, "poll") != 0 || !data_of(telling))
		return;
	telling->result = 0;
	telling->error = 0;
	for (size_t i = 0; i < count; i++) {
		if (pollers[i].fd < KIT_FDS)
			pollers[i].revents = (short)changed_flags(pollers[i].revents, how, value);
		telling->result += pollers[i].revents != 0;
	}
}

/* Whether select() says that its highest descriptor is ready; `which`: of its three sets. */
static void set_ready(struct telling *telling, size_t which, bool ready)
{
	fd_set *set = telling->parts[which].iov_base;
	bool was;

	if (strcmp(telling->call, "select") != 0 || !set || telling->fd < 0 || telling->error)
		return;
	was = FD_ISSET(telling->fd, set);
	if (ready)
		FD_SET(telling->fd, set);
	else
		FD_CLR(telling->fd, set);
	telling->result += (long)ready - (long)was;
}

static void ready_in(struct telling *telling, char how, long value)
{
	set_ready(telling, 0, value);
}

static void ready_out(struct telling *telling, char how, long value)
{
	set_ready(telling, 1, value);
}

static void ready_exceptional(struct telling *telling, char how, long value)
{
	set_ready(telling, 2, value);
}

static void raise_signal(struct telling *telling, char how, long value)
{
	raise((int)value);
}

/* --- lies with a memory ---------------------------------------------------------------------------- */

/* What was taken from a queue too early, and who comes next is the last of it.  One queue is turned round at a
 * time: that of the descriptor that came first. */
static struct {
	int fd; /* of the queue */
	size_t count;
	int accepted[64];
	struct {
		unsigned char data[2048];
		size_t size;
		struct sockaddr_storage name;
		socklen_t length;
	} datagram[16];
} kept = {.fd = -1};

/* accept(): the newest connection first. */
static void newest_connection(struct telling *telling)
{
	int fd;

	while (kept.count < COUNT(kept.accepted) &&
	       (fd = sincere.accept(telling->fd, NULL, NULL)) >= 0)
		kept.accepted[kept.count++] = fd;
	if (!kept.count)
		return;
	telling->skipped = true;
	telling->result = kept.accepted[--kept.count];
	if (from_is_there(telling))
		sincere.getpeername((int)telling->result, telling->from, telling->from_length);
}

static void newest_datagram(struct telling *telling)
{
	struct iovec *part = &telling->parts[0];
	size_t size;

	for (; kept.count < COUNT(kept.datagram); kept.count++) {
		socklen_t length = sizeof kept.datagram->name;
		ssize_t got = sincere.recvfrom(
			telling->fd, kept.datagram[kept.count].data, sizeof kept.datagram->data,
			MSG_DONTWAIT, (struct sockaddr *)&kept.datagram[kept.count].name, &length);

		if (got < 0)
			break;
		kept.datagram[kept.count].size = (size_t)got;
		kept.datagram[kept.count].length = length;
	}
	if (!kept.count || !telling->count)
		return;
	kept.count--;
	size = kept.datagram[kept.count].size;
	if (size > part->iov_len)
		size = part->iov_len;
	memcpy(part->iov_base, kept.datagram[kept.count].data, size);
	telling->skipped = true;
	telling->result = (long)size;
	if (!from_is_there(telling))
		return;
	from_put(telling, &kept.datagram[kept.count].name);
	*telling->from_length = kept.datagram[kept.count].length;
}

static void newest_first(struct telling *telling, char how, long value)
{
	int flags = sincere.fcntl(telling->fd, F_GETFL);

	if (kept.count && kept.fd != telling->fd)
		return;
	kept.fd = telling->fd;
	sincere.fcntl(telling->fd, F_SETFL, flags | O_NONBLOCK);
	if (!strcmp(telling->call, "accept"))
		newest_connection(telling);
	else
		newest_datagram(telling);
	sincere.fcntl(telling->fd, F_SETFL, flags);
}

/* A datagram is followed, in the same buffer, by the next one. */
static void glue_next(struct telling *telling, char how, long value)
{
	struct iovec *part = &telling->parts[0];
	ssize_t more;

	if (!data_of(telling) || telling->result < 0 || (size_t)telling->result >= part->iov_len)
		return;
	more = sincere.recv(telling->fd, (char *)part->iov_base + telling->result,
			    part->iov_len - (size_t)telling->result, MSG_DONTWAIT);
	if (more > 0)
		telling->result += more;
}

/* setsockopt() only keeps the value, for getsockopt() to tell. */
static void only_store(struct telling *telling, char how, long value)
{
	static unsigned char stored[64];
	static size_t size;
	struct iovec *part = &telling->parts[0];

	if (telling->count && !strcmp(telling->call, "setsockopt")) {
		size = part->iov_len < sizeof stored ? part->iov_len : sizeof stored;
		memcpy(stored, part->iov_base, size);
		telling->skipped = true;
		return;
	}
	if (!size || !telling->from_length || part->iov_len < size)
		return;
	memcpy(part->iov_base, stored, size);
	*telling->from_length = (socklen_t)size;
	telling->skipped = true;
}

/* What an option once said it goes on saying, e.g. SO_ERROR. */
static void say_again(struct telling *telling, char how, long value)
{
	static int said;
	int seen = 0;

	if (!data_of(telling) || telling->parts[0].iov_len < sizeof seen)
		return;
	memcpy(&seen, data_of(telling), sizeof seen);
	if (seen)
		said = seen;
	memcpy(data_of(telling), &said, sizeof said);
}

/* --- by name ---------------------------------------------------------------------------------------- */

static const struct act acts[] = {
	/* early */
	{"skip", false, true, skip}, /* the call is not made; it returns 0 */
	{"twice", false, true, make_twice},
	{"patient", true, true, be_patient},	    /* it waits so many ms, whatever it is told */
	{"patient.full", true, true, wait_for_all}, /* also for data, until there is no more room */
	{"flag", true, true, change_flag},	    /* flag+MSG_PEEK, flag-MSG_DONTWAIT */
	{"value", true, true, change_value},
	{"second", true, true, change_second},
	{"third", true, true, change_third},
	{"option", true, true, change_option},
	{"size", true, true, change_size},
	{"room", true, true, change_room},
	{"given", true, true, change_given},
	{"sent.flip", true, true, flip_sent},
	{"sent.apart", false, true, send_apart},
	{"sent.nocontrol", false, true, send_no_control},
	{"to.port", true, true, to_port},
	{"to.address", true, true, to_address},
	{"to.wildcard", false, true, to_anyone},
	{"to.loopback", false, true, to_loopback},
	{"to.length", true, true, to_length},
	{"to.none", false, true, to_none},
	{"to.port.swapped", false, true, to_port_swapped}, /* the port's two bytes */
	{"first.shutdown", true, true, do_shutdown},
	{"first.close", false, true, do_close},
	{"first.recv", true, true, do_recv},
	{"first.send", true, true, do_send},
	{"first.listen", true, true, do_listen},
	{"first.bind", true, true, bind_to_port},
	{"first.on", true, true, do_on},
	{"first.off", true, true, do_off},
	{"first.ignore", true, true, do_ignore},
	{"first.error", false, true, do_error},
	{"first.wait", true, true, do_wait},
	{"first.dissolve", false, true, do_dissolve},
	{"first.self", false, true, do_self},
	{"first.linger", true, true, do_linger},
	{"first.nonblock", false, true, do_nonblock},
	{"first.block", false, true, do_block},
	{"first.pause", true, true, do_pause},
	{"first.another", false, true, do_another},
	{"stored", false, true, only_store},
	{"newest", false, true, newest_first},
	{"reads", true, true, read_another}, /* this text, with %3a for a colon */
	{"by.aton", false, true, read_by_aton},
	{"by.pton", false, true, read_by_pton},
	{"elsewhere", false, true, write_elsewhere},
	{"address.swapped", false, true, swap_address}, /* inet_ntop()'s, of IPv4 */
	{"value.swapped", false, true, swap_value},	/* its four bytes */
	{"swapped", false, true, swap_memories},
	{"upwards", false, true, copy_upwards},
	{"downwards", false, true, copy_downwards},
	{"zero.ends", false, true, end_at_zero},
	/* late */
	{"writes", true, false, write_another}, /* this text */
	{"signed", false, false, compare_signed},
	{"result.swapped", false, false, swap_result},
	{"from.port.swapped", false, false, from_port_swapped},
	{"then.shutdown", true, false, do_shutdown},
	{"then.close", false, false, do_close},
	{"then.recv", true, false, do_recv},
	{"then.send", true, false, do_send},
	{"then.listen", true, false, do_listen},
	{"then.error", false, false, do_error},
	{"then.wait", true, false, do_wait},
	{"then.dissolve", false, false, do_dissolve},
	{"then.linger", true, false, do_linger},
	{"then.pause", true, false, do_pause},
	{"then.another", false, false, do_another},
	{"then.nonblock", false, false, do_nonblock},
	{"then.block", false, false, do_block},
	{"then.bind", false, false, do_bind}, /* to any address that is free */
	{"then.dup", false, false, do_dup},   /* a descriptor is left over */
	{"new.nonblock", false, false, new_nonblock},
	{"new.block", false, false, new_block},
	{"new.inherits", false, false, new_inherits},
	{"new.cloexec", true, false, new_cloexec},
	{"new.shutdown", true, false, new_shutdown},
	{"new.from", true, false, new_from},
	{"new.domain", true, false, new_domain},
	{"errno", true, false, fail_with}, /* -1 and this errno */
	{"onlyerrno", true, false, only_errno},
	{"result", true, false, change_result},
	{"identity", false, false, keep_value},
	{"from.port", true, false, from_port},
	{"from.whole", false, false, from_whole},
	{"from.wildcard", false, false, from_wildcard},
	{"from.address", true, false, from_address},
	{"from.family", true, false, from_family},
	{"from.zero", false, false, from_zero},
	{"from.kept", false, false, from_kept},
	{"from.swapped", false, false, from_swapped},
	{"length", true, false, from_length},
	{"length.kept", false, false, length_kept},
	{"data.flip", true, false, flip_data},
	{"data.zero", false, false, zero_data},
	{"data.reverse", true, false, reverse_data},
	{"data.drop", true, false, drop_byte},
	{"data.beyond", true, false, touch_beyond}, /* so many behind the end of what came */
	{"data.behind", false, false, touch_behind},
	{"data.kept", false, false, keep_data},
	{"seen", true, false, change_seen},
	{"control.none", false, false, drop_control},
	{"control.flip", true, false, flip_control},
	{"outflag", true, false, change_outflags},
	{"ready.in", true, false, ready_in}, /* select()'s: 0 or 1 */
	{"ready.out", true, false, ready_out},
	{"ready.exceptional", true, false, ready_exceptional},
	{"revents", true, false, change_revents},
	{"signal", true, false, raise_signal},
	{"glued", false, false, glue_next},
	{"again", false, false, say_again},
};

bool act_is_blind(const struct act *act)
{
	static void (*const blind[])(struct telling *, char, long) = {
		skip,	 fail_with, only_errno, change_result, raise_signal, do_shutdown, do_close,
		do_recv, do_send,   do_listen,	do_error,      do_bind,	     do_dup,
	};

	for (size_t i = 0; i < sizeof blind / sizeof blind[0]; i++) {
		if (act->change == blind[i])
			return true;
	}
	return false;
}

const struct act *act_named(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		if (strlen(acts[i].name) == length && !memcmp(acts[i].name, name, length))
			return &acts[i];
	}
	return NULL;
}
