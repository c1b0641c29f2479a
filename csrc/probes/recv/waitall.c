/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_WAITALL: a receiving call that waits for all that it asked for, and what cuts it short. */
#include "kit.h"

#include <signal.h>

static struct receiver receiver;

/* Asks for ten bytes, gives it the first four, and sees it asleep with these. */
static struct link give_first_piece(const char *name)
{
	struct link link = open_stream_link();

	step("%s", name);
	receiver_start(&receiver, "reader", reader(), link.near, 10, MSG_WAITALL);
	see_receiver_asleep(&receiver);
	see_send(BY_SEND, link.far, "four", 4, 0, NULL);
	await_taken(link.far, link.near);
	step("%s: between", name);
	see_receiver_asleep(&receiver);
	return link;
}

static void rest_comes(void)
{
	struct link link = give_first_piece("pieces");

	step("pieces: the last");
	see_send(BY_SEND, link.far, "and six", 7, 0, NULL);
	sleeper_join(&receiver.sleeper);
	await_unread(link.near, 1);
	see_receive(reader(), link.near, 64, MSG_DONTWAIT);
}

static void end_comes(void)
{
	struct link link = give_first_piece("end of stream");

	step("end of stream: it comes");
	see_shutdown(link.far, SHUT_WR);
	sleeper_join(&receiver.sleeper);
	see_receive(reader(), link.near, 10, MSG_WAITALL);
}

static void signal_comes(const char *name, int signal)
{
	struct link link = give_first_piece(name);

	step("%s: it comes", name);
	sleeper_signal(&receiver.sleeper, signal);
	sleeper_join(&receiver.sleeper);
	send_all(link.far, "more", 4);
	await_unread(link.near, 4);
	see_receive(reader(), link.near, 64, MSG_DONTWAIT);
}

static void all_is_there(void)
{
	struct link link = open_stream_link();

	send_all(link.far, "four and six", 12);
	await_unread(link.near, 12);
	step("all there");
	receiver_start(&receiver, "reader", reader(), link.near, 10, MSG_WAITALL);
	see_receiver_asleep(&receiver);
	see_shutdown(link.far, SHUT_WR);
	sleeper_join(&receiver.sleeper);
}

static void does_not_wait(void)
{
	struct link link = open_stream_link();

	step("with MSG_DONTWAIT, empty");
	see_receive(reader(), link.near, 10, MSG_WAITALL | MSG_DONTWAIT);
	send_all(link.far, "four", 4);
	await_unread(link.near, 4);
	step("with MSG_DONTWAIT, a part");
	see_receive(reader(), link.near, 10, MSG_WAITALL | MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	catch_signal(SIGUSR1, 0);
	catch_signal(SIGUSR2, SA_RESTART);
	all_is_there();
	rest_comes();
	end_comes();
	signal_comes("signal", SIGUSR1);
	signal_comes("signal with SA_RESTART", SIGUSR2);
	does_not_wait();
	return probe_end();
}
