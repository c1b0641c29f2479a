/* SPDX-License-Identifier: Apache-2.0 */
/* Data that lies unread in a socket when shutdown() closes its receiving direction. */
#include "kit.h"

static void see_unread_data(enum reader by)
{
	struct link link = open_link(type());

	step("%s: before", reader_name(by));
	see_speak(link.far, 1);
	await_unread(link.near, SAID);
	step("%s", reader_name(by));
	see_shutdown(link.near, shut_how());
	see_unread(link.near);
	see_receive_now(by, link.near, SAID);
	step("%s: behind the data", reader_name(by));
	see_receive_now(by, link.near, SAID);
	step("%s: sending", reader_name(by));
	see_speak(link.near, 2);
	if (shut_how() == SHUT_RD)
		see_arrival(link.far, SAID);
	close_link(&link);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	for (enum reader by = BY_READ; by <= BY_RECVMSG; by++)
		see_unread_data(by);
	return probe_end();
}
