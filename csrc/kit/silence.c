/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that leave a TCP client's SYN without an answer, and what ends the client's wait. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>

/* Two sockets of one port: the one that is silent, and the one that calls back. */
static void share_port(int fd)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on))
		unavailable("SO_REUSEPORT, by which a silent server answers after all", errno);
}

static int open_sharing_listener(int backlog)
{
	struct name name = name_of(FAR, 0);
	int fd = open_socket(FAR, SOCK_STREAM);

	share_port(fd);
	must(bind(fd, &name.any, name.length));
	must(listen(fd, backlog));
	return fd;
}

/* The connection that fills the queue comes from the server's own host: no packet of it crosses to
 * the near one. */
static void fill_queue(const struct silent *silent)
{
	int filler = open_socket(FAR, SOCK_STREAM);

	must(connect(filler, &silent->name.any, silent->name.length));
	await_poll(silent->listener, POLLIN);
}

struct silent open_silent(void)
{
	struct silent silent = {.listener = -1};

	if (variant_is("silence", "no_host")) {
		silent.name = name_of(SILENT, 7);
		return silent;
	}
	silent.listener = open_sharing_listener(0);
	silent.name = name_of_socket(silent.listener);
	if (variant_is("silence", "full_queue"))
		fill_queue(&silent);
	else if (variant_is("silence", "filter"))
		lose_all(silent.listener);
	else
		fault("silence=%s is none of full_queue, filter, no_host", variant("silence"));
	return silent;
}

int call_back(const struct silent *silent, int client)
{
	struct name to = name_of_socket(client);
	int fd = open_socket_in(family(), FAR, SOCK_STREAM | SOCK_NONBLOCK, 0);

	share_port(fd);
	must(bind(fd, &silent->name.any, silent->name.length));
	if (connect(fd, &to.any, to.length) && errno != EINPROGRESS)
		fault_at("connect()", errno, __FILE__, __LINE__);
	await_poll(fd, POLLOUT);
	return fd;
}

static bool has_answer(int client)
{
	struct pollfd poller = {.fd = client, .events = POLLOUT};

	return must(poll(&poller, 1, 0)) == 1;
}

bool await_answer(int client, int listener, int64_t lost)
{
	static const int64_t silence_ns = 200 * 1000000LL;
	static const int64_t patience_ns = 5 * 1000000000LL;
	int64_t begin = now_ns();

	while (!has_answer(client)) {
		int64_t now = lost_at(listener);
		int64_t waited = now_ns() - begin;

		if (now >= 0 ? now > lost : waited > silence_ns)
			return false;
		if (waited > patience_ns)
			fault("a client got no outcome, and its SYN was not dropped");
		sched_yield();
	}
	return true;
}

bool limit_queues(int most)
{
	return write_sysctl("core/somaxconn", most);
}

void lose_acks(int fd)
{
	/* A TCP socket's filter sees the segment from its header on; byte 13 has the flags. */
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_ACK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};

	filter_attach(fd, code, COUNT(code));
}

/* --- a thread that connects --------------------------------------------------------------------- */

static void connector_work(void *argument)
{
	const struct connector *connector = argument;

	see_connect(connector->fd, &connector->peer);
}

void connector_start(struct connector *connector, int fd, const struct name *peer)
{
	connector->fd = fd;
	connector->peer = *peer;
	sleeper_start(&connector->sleeper, "client", connector_work, connector);
}
