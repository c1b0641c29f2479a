/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of socket() that cannot succeed. */
#include "kit.h"

#include <sys/resource.h>

enum { NO_SUCH_DOMAIN = 9999, NO_SUCH_TYPE = 15, NO_SUCH_PROTOCOL = 9999 };

static void without_a_free_descriptor(void)
{
	struct rlimit limit;
	struct rlimit none;

	must(getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = (rlim_t)lowest_free_fd();
	must(setrlimit(RLIMIT_NOFILE, &none));
	step("no descriptor is free");
	see_socket(AF_INET, SOCK_STREAM, 0);
	see_socket(AF_INET6, SOCK_DGRAM, 0);
	see_socket(AF_UNIX, SOCK_STREAM, 0);
	must(setrlimit(RLIMIT_NOFILE, &limit));
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	step("no such domain");
	see_socket(NO_SUCH_DOMAIN, SOCK_STREAM, 0);
	see_socket(-1, SOCK_STREAM, 0);
	see_socket(AF_UNSPEC, SOCK_STREAM, 0);
	step("no such type");
	see_socket(AF_INET, NO_SUCH_TYPE, 0);
	see_socket(AF_INET6, NO_SUCH_TYPE, 0);
	see_socket(AF_UNIX, NO_SUCH_TYPE, 0);
	see_socket(AF_INET, -1, 0);
	see_socket(AF_INET, 0, 0);
	step("no such protocol");
	see_socket(AF_INET, SOCK_STREAM, NO_SUCH_PROTOCOL);
	see_socket(AF_INET6, SOCK_DGRAM, NO_SUCH_PROTOCOL);
	see_socket(AF_UNIX, SOCK_STREAM, NO_SUCH_PROTOCOL);
	see_socket(AF_INET, SOCK_STREAM, -1);
	step("the protocol of another type");
	see_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP);
	see_socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP);
	see_socket(AF_INET6, SOCK_STREAM, IPPROTO_UDP);
	see_socket(AF_INET6, SOCK_DGRAM, IPPROTO_TCP);
	step("without the privilege");
	see_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	see_socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	without_a_free_descriptor();
	step("a descriptor is free again");
	see_socket(AF_INET, SOCK_STREAM, 0);
	return probe_end();
}
