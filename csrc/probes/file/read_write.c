/* SPDX-License-Identifier: Apache-2.0 */
/* write() and read() on a file of some kind, and on a socket: the same bytes, counts and end. */
#include "kit.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { TOTAL = 3000, FIRST = 1, SECOND = 999, ROOM = 4096, PORTION = 700 };

/* What is written at one descriptor is read at the other. */
struct ends {
	int in;
	int out;
};

static struct ends regular_file(void)
{
	struct ends ends = {.in = see_open("file", O_WRONLY | O_CREAT | O_EXCL)};

	ends.out = see_open("file", O_RDONLY);
	return ends;
}

static struct ends pipe_ends(void)
{
	int fds[2];

	must(pipe(fds));
	return (struct ends){.in = fds[1], .out = fds[0]};
}

/* A FIFO is opened at both ends at once, so that neither waits for the other. */
static struct ends fifo(void)
{
	struct ends ends;
	int both;

	must(mkfifo("fifo", 0600));
	both = must(open("fifo", O_RDWR));
	ends.in = see_open("fifo", O_WRONLY);
	ends.out = see_open("fifo", O_RDONLY);
	close(both);
	return ends;
}

static struct ends stream_socket(void)
{
	struct link link = open_stream_link();

	close(link.listener);
	return (struct ends){.in = link.near, .out = link.far};
}

static struct ends ends_of_variant(void)
{
	if (variant_is("kind", "file"))
		return regular_file();
	if (variant_is("kind", "pipe"))
		return pipe_ends();
	if (variant_is("kind", "fifo"))
		return fifo();
	if (variant_is("kind", "socket"))
		return stream_socket();
	fault("kind=%s is not one of its choices", variant("kind"));
}

int main(int argc, char **argv)
{
	unsigned char data[TOTAL];
	struct ends ends;

	probe_begin(argc, argv);
	step("open");
	ends = ends_of_variant();
	pattern_fill(data, sizeof data, 0, 1);
	step("write");
	see_send(BY_WRITE, ends.in, data, FIRST, 0, NULL);
	see_send(BY_WRITE, ends.in, data + FIRST, SECOND, 0, NULL);
	see_send(BY_WRITE, ends.in, data + FIRST + SECOND, TOTAL - FIRST - SECOND, 0, NULL);
	step("wrong direction");
	/* A pipe may go both ways, and a socket does. */
	if (variant_is("kind", "file") || variant_is("kind", "fifo")) {
		see_receive(BY_READ, ends.in, ROOM, 0);
		see_send(BY_WRITE, ends.out, data, 1, 0, NULL);
	}
	if (!variant_is("kind", "file"))
		await_unread(ends.out, TOTAL);
	see_close(ends.in);
	step("read");
	see_receive(BY_READ, ends.out, 1, 0);
	for (size_t left = TOTAL - 1; left;) {
		size_t size = left < PORTION ? left : PORTION;

		see_receive(BY_READ, ends.out, size, 0);
		left -= size;
	}
	step("end");
	see_receive_soon(BY_READ, ends.out, ROOM);
	see_receive_soon(BY_READ, ends.out, ROOM);
	step("closed");
	see_close(ends.out);
	see_receive(BY_READ, ends.out, ROOM, 0);
	see_send(BY_WRITE, ends.out, data, 1, 0, NULL);
	return probe_end();
}
