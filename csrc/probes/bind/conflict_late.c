/* SPDX-License-Identifier: Apache-2.0 */
/* SO_REUSEPORT that is set on the first of two sockets after its bind(), and on the second before. */
#include "kit.h"

#ifdef SO_REUSEPORT

static void see_late(bool listening)
{
	_cleanup_fd_ int first = open_bound(NEAR, type());
	_cleanup_fd_ int second = open_socket(NEAR, type());
	struct name name = name_of_socket(first);

	if (listening)
		must(listen(first, 1));
	step("%s", listening ? "listening" : "bound");
	if (see_setsockopt(first, SOL_SOCKET, "SO_REUSEPORT", SO_REUSEPORT, 1))
		unsupported("SO_REUSEPORT", errno);
	see_setsockopt(second, SOL_SOCKET, "SO_REUSEPORT", SO_REUSEPORT, 1);
	see_bind(second, &name);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_late(false);
	if (type() == SOCK_STREAM)
		see_late(true);
	return probe_end();
}

#else

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	unsupported("SO_REUSEPORT", ENOPROTOOPT);
}

#endif
