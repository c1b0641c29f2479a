/* SPDX-License-Identifier: Apache-2.0 */
/* The type that reading and writing functions return, and what they return in it: a count, 0, -1. */
#include "kit.h"

#include <limits.h>

/* Whether an expression, which is not evaluated, is of the type ssize_t. */
#define IS_SSIZE(expression) _Generic((expression), ssize_t: true, default: false)

/* All bits but the sign, where there is one. */
#define MOST(type) ((type)(((type)1 << (sizeof(type) * CHAR_BIT - 2)) - 1) * 2 + 1)

static void note_type(void)
{
	note_number("sizeof(ssize_t)", sizeof(ssize_t));
	note_number("sizeof(size_t)", sizeof(size_t));
	note_number("(ssize_t)-1 < 0", (ssize_t)-1 < 0);
	note_number("(size_t)-1 < 0", (size_t)-1 < (size_t)1);
	note_number("the most of ssize_t", MOST(ssize_t));
	note_number("SSIZE_MAX", SSIZE_MAX);
}

static void note_functions(void)
{
	note_number("read", IS_SSIZE(read(0, NULL, 0)));
	note_number("readv", IS_SSIZE(readv(0, NULL, 0)));
	note_number("recv", IS_SSIZE(recv(0, NULL, 0, 0)));
	note_number("recvfrom", IS_SSIZE(recvfrom(0, NULL, 0, 0, NULL, NULL)));
	note_number("recvmsg", IS_SSIZE(recvmsg(0, NULL, 0)));
	note_number("write", IS_SSIZE(write(0, NULL, 0)));
	note_number("writev", IS_SSIZE(writev(0, NULL, 0)));
	note_number("send", IS_SSIZE(send(0, NULL, 0, 0)));
	note_number("sendto", IS_SSIZE(sendto(0, NULL, 0, 0, NULL, 0)));
	note_number("sendmsg", IS_SSIZE(sendmsg(0, NULL, 0)));
}

static void see_values(void)
{
	struct link link;

	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++) {
		enum reader back = (enum reader)by;

		link = open_stream_link();
		step("count, %s", writer_name(by));
		see_send(by, link.near, "hello", 5, 0, NULL);
		see_receive_soon(back, link.far, 64);
		step("end, %s", writer_name(by));
		must(shutdown(link.near, SHUT_WR));
		see_receive_soon(back, link.far, 64);
		step("error, %s", writer_name(by));
		see_send(by, link.near, "hello", 5, 0, NULL);
		must(shutdown(link.near, SHUT_RDWR));
		must(close(link.near));
		see_receive_now(back, link.listener, 64);
	}
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	note_type();
	note_functions();
	see_values();
	return probe_end();
}
