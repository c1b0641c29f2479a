/* SPDX-License-Identifier: Apache-2.0 */
/* Data that comes after shutdown() has closed the receiving direction. */
#include "kit.h"

/* The peer says something, and its fate is decided. */
static void speak_to(struct link link, unsigned seed)
{
	if (see_speak(link.far, seed) > 0)
		await_outcome(link.far, link.near, SAID);
}

static void see_later_data(enum reader by)
{
	struct link link = open_link(type());

	step("%s: before", reader_name(by));
	see_exchange(link.near, link.far, 1);
	see_shutdown(link.near, shut_how());
	step("%s", reader_name(by));
	speak_to(link, 3);
	see_receive_now(by, link.near, SAID);
	step("%s: later still", reader_name(by));
	speak_to(link, 4);
	see_receive_now(by, link.near, SAID);
	step("%s: sending", reader_name(by));
	see_speak(link.near, 5);
	if (shut_how() == SHUT_RD)
		see_arrival(link.far, SAID);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (enum reader by = BY_READ; by <= BY_RECVMSG; by++)
		see_later_data(by);
	return probe_end();
}
