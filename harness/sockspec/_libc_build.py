# SPDX-License-Identifier: Apache-2.0
"""Define the module ``sockspec._libc`` for CFFI; Meson runs this and compiles what it writes.

``_libc_build.py OUTPUT``.  API mode: the compiler reads the system's own headers, so that every
value and offset is this libc's and none is ours.
"""

from __future__ import annotations

import sys
from typing import Final

from cffi import FFI

CONSTANTS: Final = """
AF_INET AF_INET6 AF_UNIX AF_UNSPEC
SOCK_CLOEXEC SOCK_DGRAM SOCK_NONBLOCK SOCK_RAW SOCK_SEQPACKET SOCK_STREAM
IPPROTO_ICMP IPPROTO_ICMPV6 IPPROTO_IP IPPROTO_IPV6 IPPROTO_RAW IPPROTO_TCP IPPROTO_UDP
INADDR_ANY INADDR_BROADCAST INADDR_LOOPBACK INADDR_NONE INET_ADDRSTRLEN INET6_ADDRSTRLEN
MSG_CTRUNC MSG_DONTROUTE MSG_DONTWAIT MSG_EOR MSG_NOSIGNAL MSG_OOB MSG_PEEK MSG_TRUNC MSG_WAITALL
SHUT_RD SHUT_RDWR SHUT_WR SOMAXCONN SOL_SOCKET
SO_ACCEPTCONN SO_BROADCAST SO_DEBUG SO_DONTROUTE SO_ERROR SO_KEEPALIVE SO_LINGER SO_OOBINLINE
SO_RCVBUF SO_RCVLOWAT SO_RCVTIMEO SO_REUSEADDR SO_REUSEPORT SO_SNDBUF SO_SNDLOWAT SO_SNDTIMEO
SO_TYPE TCP_NODELAY
""".split()

ERRNOS: Final = """
E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG EBUSY ECANCELED
ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EEXIST EFAULT EFBIG
EHOSTUNREACH EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP EMFILE EMLINK EMSGSIZE
ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC ENOLCK ENOMEM
ENOMSG ENOPROTOOPT ENOSPC ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTSOCK ENOTSUP ENOTTY ENXIO EOPNOTSUPP
EOVERFLOW EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EROFS ESPIPE ESRCH ESTALE ETIMEDOUT
ETXTBSY EWOULDBLOCK EXDEV
""".split()

DECLARATIONS: Final = """
typedef uint32_t in_addr_t;
typedef uint16_t in_port_t;
typedef unsigned... sa_family_t;
typedef unsigned... socklen_t;

struct in_addr { in_addr_t s_addr; ...; };
struct in6_addr { uint8_t s6_addr[16]; ...; };
struct sockaddr { sa_family_t sa_family; char sa_data[...]; ...; };
struct sockaddr_in {
    sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; ...;
};
struct sockaddr_in6 {
    sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr; uint32_t sin6_scope_id; ...;
};
struct sockaddr_un { sa_family_t sun_family; char sun_path[...]; ...; };
struct sockaddr_storage { sa_family_t ss_family; ...; };
struct iovec { void *iov_base; size_t iov_len; ...; };
struct msghdr {
    void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; void *msg_control;
    int msg_flags; ...;
};

uint32_t htonl(uint32_t);
uint16_t htons(uint16_t);
uint32_t ntohl(uint32_t);
uint16_t ntohs(uint16_t);

int inet_pton(int, const char *, void *);
const char *inet_ntop(int, const void *, char *, socklen_t);
int inet_aton(const char *, struct in_addr *);
in_addr_t inet_addr(const char *);
in_addr_t inet_network(const char *);
char *inet_ntoa(struct in_addr);
in_addr_t inet_lnaof(struct in_addr);
in_addr_t inet_netof(struct in_addr);
struct in_addr inet_makeaddr(in_addr_t, in_addr_t);

void bzero(void *, size_t);
void bcopy(const void *, void *, size_t);
int bcmp(const void *, const void *, size_t);
void *memset(void *, int, size_t);
void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
int memcmp(const void *, const void *, size_t);
"""

# A macro or a built-in would be the compiler's function and not the libc's.
SOURCE: Final = """
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#undef htonl
#undef htons
#undef ntohl
#undef ntohs
"""


def definition() -> FFI:
    """The module's definition."""
    ffi = FFI()
    names = "".join(f"#define {name} ...\n" for name in (*CONSTANTS, *ERRNOS))
    ffi.cdef(names + DECLARATIONS)
    ffi.set_source("sockspec._libc", SOURCE)
    return ffi


if __name__ == "__main__":
    definition().emit_c_code(sys.argv[1])
