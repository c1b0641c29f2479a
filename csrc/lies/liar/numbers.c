/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a rule may write for numbers. */
#include "lie.h"

#include "internal.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static const struct symbol names[] = {
	{AF_INET, "inet"},
	{AF_INET6, "inet6"},
	{AF_UNIX, "unix"},
	{AF_UNSPEC, "unspec"},
	{SOCK_STREAM, "stream"},
	{SOCK_DGRAM, "dgram"},
	{SOCK_SEQPACKET, "seqpacket"},
	{SOCK_RAW, "raw"},
	{SOCK_PACKET, "packet"},
	{AF_ROUTE, "route"},
	SYMBOL(SHUT_RD),
	SYMBOL(SHUT_WR),
	SYMBOL(SHUT_RDWR),
	SYMBOL(SOCK_NONBLOCK),
	SYMBOL(SOCK_CLOEXEC),
	SYMBOL(O_NONBLOCK),
	SYMBOL(FD_CLOEXEC),
	SYMBOL(F_GETFL),
	SYMBOL(F_SETFL),
	SYMBOL(F_GETFD),
	SYMBOL(F_SETFD),
	SYMBOL(F_DUPFD),
	SYMBOL(F_DUPFD_CLOEXEC),
	SYMBOL(F_GETOWN),
	SYMBOL(F_SETOWN),
	SYMBOL(POLLIN),
	SYMBOL(POLLOUT),
	SYMBOL(POLLERR),
	SYMBOL(POLLHUP),
	SYMBOL(POLLPRI),
	SYMBOL(POLLRDHUP),
	SYMBOL(IPPROTO_IP),
	SYMBOL(IPPROTO_IPV6),
	SYMBOL(IPPROTO_TCP),
	SYMBOL(IPPROTO_UDP),
	SYMBOL(IPPROTO_SCTP),
	SYMBOL(FIONREAD),
	SYMBOL(TIOCOUTQ),
	SYMBOL(SOL_SOCKET),
	SYMBOL(SO_ACCEPTCONN),
	SYMBOL(SO_BROADCAST),
	SYMBOL(SO_DOMAIN),
	SYMBOL(SO_ERROR),
	SYMBOL(SO_KEEPALIVE),
	SYMBOL(SO_LINGER),
	SYMBOL(SO_OOBINLINE),
	SYMBOL(SO_PROTOCOL),
	SYMBOL(SO_RCVBUF),
	SYMBOL(SO_RCVLOWAT),
	SYMBOL(SO_RCVTIMEO),
	SYMBOL(SO_REUSEADDR),
	SYMBOL(SO_REUSEPORT),
	SYMBOL(SO_SNDBUF),
	SYMBOL(SO_SNDTIMEO),
	SYMBOL(SO_TYPE),
	SYMBOL(TCP_NODELAY),
	SYMBOL(TCP_MAXSEG),
	SYMBOL(TCP_CORK),
	SYMBOL(TCP_KEEPIDLE),
	SYMBOL(TCP_KEEPINTVL),
	SYMBOL(TCP_KEEPCNT),
	SYMBOL(TCP_DEFER_ACCEPT),
	SYMBOL(TCP_INFO),
	SYMBOL(TCP_QUICKACK),
	SYMBOL(TCP_USER_TIMEOUT),
	SYMBOL(TCP_FASTOPEN),
	SYMBOL(TCP_FASTOPEN_CONNECT),
	SYMBOL(UDP_CORK),
	SYMBOL(IP_TTL),
	SYMBOL(IP_TOS),
	SYMBOL(IP_MTU),
	SYMBOL(IP_MTU_DISCOVER),
	SYMBOL(IP_RECVERR),
	SYMBOL(IPV6_MTU),
	SYMBOL(IPV6_RECVERR),
	SYMBOL(IPV6_UNICAST_HOPS),
	SYMBOL(IPV6_V6ONLY),
	SYMBOL(SIGPIPE),
	SYMBOL(SIGSEGV),
};

static bool named(const char *word, long *number)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i].name, word) != 0)
			continue;
		*number = names[i].value;
		return true;
	}
	return false;
}

/* Linux and the BSDs have no errno beyond this. */
enum { ERRNO_MAX = 200 };

static bool is_errno(const char *word, long *number)
{
	for (int error = 1; error <= ERRNO_MAX; error++) {
		if (strcmp(errno_name(error), word) != 0)
			continue;
		*number = error;
		return true;
	}
	return false;
}

static bool is_message_flag(const char *word, long *number)
{
	char text[160];

	for (unsigned bit = 1; bit && bit <= 0x40000000; bit <<= 1) {
		message_flags_text(text, sizeof text, (int)bit);
		if (strcmp(text, word) != 0)
			continue;
		*number = (long)bit;
		return true;
	}
	return false;
}

bool number_of(const char *word, long *number)
{
	char *end;

	*number = strtol(word, &end, 0);
	if (end != word && !*end)
		return true;
	return named(word, number) || is_errno(word, number) || is_message_flag(word, number);
}
