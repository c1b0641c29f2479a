/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP conversation held with sendto() and recvfrom() alone, no address given with what is sent. */
#include "kit.h"

#include <fcntl.h>

enum { SIZE = 5000, PART = 1700 };

static unsigned char data[SIZE];

static void see_question_and_answer(struct link link)
{
	struct name from = name_filled(0, sizeof from.storage);

	step("question");
	see_send(BY_SENDTO, link.near, "question", 8, 0, NULL);
	await_unread(link.far, 8);
	see_recvfrom(link.far, 64, 0, &from);
	step("answer");
	see_send(BY_SENDTO, link.far, "answer", 6, 0, NULL);
	await_unread(link.near, 6);
	see_recvfrom(link.near, 64, MSG_PEEK, NULL);
	see_recvfrom(link.near, 64, 0, NULL);
}

static void see_stream(struct link link)
{
	step("a stream");
	pattern_fill(data, sizeof data, 0, 1);
	see_send(BY_SENDTO, link.near, data, 1000, 0, NULL);
	see_send(BY_SENDTO, link.near, data + 1000, sizeof data - 1000, 0, NULL);
	await_unread(link.far, sizeof data);
	for (int i = 0; i < 3; i++)
		see_recvfrom(link.far, PART, 0, NULL);
}

static void see_waiting(struct link link)
{
	struct receiver receiver;

	step("empty, non-blocking");
	see_receive_now(BY_RECVFROM, link.far, 64);
	step("empty, blocking");
	receiver_start(&receiver, "reader", BY_RECVFROM, link.far, 64, 0);
	see_receiver_asleep(&receiver);
	step("then");
	see_send(BY_SENDTO, link.near, "at last", 7, 0, NULL);
	sleeper_join(&receiver.sleeper);
}

static void see_end(struct link link)
{
	struct name from = name_filled(0, sizeof from.storage);

	must(shutdown(link.near, SHUT_WR));
	step("end");
	see_recvfrom(link.far, 64, 0, &from);
}

int main(int argc, char **argv)
{
	struct link link;
	struct name near;

	probe_begin(argc, argv);
	link = open_stream_link();
	send_at_once(link.near);
	near = name_of_socket(link.near);
	note_name("near", &near);
	see_question_and_answer(link);
	see_stream(link);
	see_waiting(link);
	see_end(link);
	return probe_end();
}
