/* SPDX-License-Identifier: Apache-2.0 */
/* The article's read idiom on a non-blocking socket, after each thing that its TCP peer can do. */
#include "idioms.h"
#include "peer.h"

#include <fcntl.h>

enum { LENGTH = 64 };

static void see_told(const char *name, int fd)
{
	step("%s", name);
	note_number(name, read_some(fd, LENGTH));
}

static int open_nonblocking_flow(struct flow *flow)
{
	int fd;

	*flow = peer_listens();
	fd = open_to_peer(flow);
	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

static void see_data_and_end(void)
{
	struct flow flow;
	int fd = open_nonblocking_flow(&flow);

	see_told("nothing there", fd);
	peer_sends_data(&flow, "hello", 5);
	fence(FAR);
	see_told("data", fd);
	see_told("nothing more", fd);
	peer_sends(&flow, FIN | ACK);
	fence(FAR);
	see_told("the end of the stream", fd);
	see_told("the end of the stream again", fd);
	close(fd);
}

static void see_reset(void)
{
	struct flow flow;
	int fd = open_nonblocking_flow(&flow);

	peer_sends(&flow, RST | ACK);
	fence(FAR);
	see_told("a reset", fd);
	close(fd);
}

static void see_refused(void)
{
	struct flow flow = peer_listens();
	int fd = see_connect_begin(&flow);

	peer_sends(&flow, RST | ACK);
	fence(FAR);
	see_told("a refused connection", fd);
	close(fd);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	see_data_and_end();
	see_reset();
	see_refused();
	return probe_end();
}
