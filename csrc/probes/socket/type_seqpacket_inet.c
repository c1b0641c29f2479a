/* SPDX-License-Identifier: Apache-2.0 */
/* SOCK_SEQPACKET of the Internet domains: records go to a socket that listens, and others come back. */
#include "kit.h"

enum { LARGEST = 5000, ROOM = 6000 };

static const size_t sizes[] = {1, 64, 1, LARGEST, 2, 1023, 1024};

static int protocol(void)
{
	if (variant_is("protocol", "zero"))
		return 0;
#ifdef IPPROTO_SCTP
	return IPPROTO_SCTP;
#else
	unsupported("IPPROTO_SCTP, which <netinet/in.h> does not declare", 0);
#endif
}

/* RFC 6458, 3.1: one socket for many associations, which neither connect() nor accept() makes. */
static void send_records(int from, enum writer by, const struct name *to)
{
	unsigned char record[LARGEST];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		pattern_fill(record, sizes[i], 0, (unsigned)i);
		see_send(by, from, record, sizes[i], 0, to);
	}
}

static void receive_records(int to, enum reader by)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		see_receive_soon(by, to, ROOM);
}

int main(int argc, char **argv)
{
	struct name near_name;
	struct name name;
	int near;
	int far;

	probe_begin(argc, argv);
	step("open");
	far = see_socket_far(family(), SOCK_SEQPACKET, protocol());
	if (far < 0)
		unsupported("SOCK_SEQPACKET in this domain, which SCTP would give", errno);
	near = see_socket(family(), SOCK_SEQPACKET, protocol());
#ifdef SO_PROTOCOL
	see_getsockopt(near, SOL_SOCKET, "SO_PROTOCOL", SO_PROTOCOL);
#endif
	name = name_of(FAR, 0);
	near_name = name_of(NEAR, 0);
	must(bind(far, &name.any, name.length));
	must(bind(near, &near_name.any, near_name.length));
	name = name_of_socket(far);
	near_name = name_of_socket(near);
	see_listen(far, 1);
	fence(NEAR);
	for (int i = BY_READ; i <= BY_RECVMSG; i++) {
		enum writer by = i % 2 ? BY_SENDTO : BY_SENDMSG;

		step("%s to %s", writer_name(by), reader_name((enum reader)i));
		send_records(near, by, &name);
		receive_records(far, (enum reader)i);
	}
	step("back: sendto to recvmsg");
	send_records(far, BY_SENDTO, &near_name);
	receive_records(near, BY_RECVMSG);
	fence(NEAR);
	step("nothing more");
	see_receive_now(BY_RECV, near, ROOM);
	see_receive_now(BY_RECV, far, ROOM);
	return probe_end();
}
