/* SPDX-License-Identifier: Apache-2.0 */
/* Records of many sizes are sent over a SOCK_SEQPACKET connection and received, in every way. */
#include "kit.h"

#include <poll.h>

enum { LARGEST = 5000, ROOM = 6000, PATIENCE_MS = 2000, SERVER = 4711 };

static const size_t sizes[] = {1, 64, 1, LARGEST, 2, 1023, 1024};

static int open_server(void)
{
	int s = see_socket_far(family(), SOCK_SEQPACKET, 0);
	struct name name = name_of(FAR, SERVER);

	if (s < 0)
		unsupported("SOCK_SEQPACKET in this domain", errno);
	must(bind(s, &name.any, name.length));
	must(listen(s, 1));
	return s;
}

static struct link connect_to(int server)
{
	struct name name = name_of_socket(server);
	struct link link = {.near = see_socket(family(), SOCK_SEQPACKET, 0), .listener = server};

	see_connect(link.near, &name);
	see_poll(server, POLLIN, PATIENCE_MS);
	link.far = see_accept(server, NULL);
	return link;
}

/* All of them first, so that they wait one behind the other. */
static void send_records(int from, enum writer by)
{
	unsigned char record[LARGEST];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		pattern_fill(record, sizes[i], 0, (unsigned)i);
		see_send(by, from, record, sizes[i], 0, NULL);
	}
}

static void receive_records(int to, enum reader by)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		see_receive_soon(by, to, ROOM);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	step("open");
	link = connect_to(open_server());
	for (int i = BY_WRITE; i <= BY_SENDMSG; i++) {
		step("%s to %s", writer_name((enum writer)i), reader_name(reader()));
		send_records(link.near, (enum writer)i);
		receive_records(link.far, reader());
	}
	step("back: send to %s", reader_name(reader()));
	send_records(link.far, BY_SEND);
	receive_records(link.near, reader());
	step("nothing more");
	see_receive_now(reader(), link.near, ROOM);
	see_receive_now(reader(), link.far, ROOM);
	return probe_end();
}
