/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls after shutdown() has closed the sending direction: by each call, with and without flags. */
#include "kit.h"

#include <signal.h>

static const struct {
	const char *name;
	int flags;
} modes[] = {
	{"", 0},
	{" with MSG_NOSIGNAL", MSG_NOSIGNAL},
	{" with MSG_DONTWAIT", MSG_DONTWAIT},
};

static void try_to_send(int fd, enum writer by)
{
	unsigned char data[SAID];
	char text[64];

	pattern_fill(data, sizeof data, 0, 2);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		int before = signals_caught();

		if (modes[i].flags && (by == BY_WRITE || by == BY_WRITEV))
			continue; /* they take no flags */
		snprintf(text, sizeof text, "%s%s", writer_name(by), modes[i].name);
		step("%s", text);
		see_send(by, fd, data, sizeof data, modes[i].flags, NULL);
		/* a signal of the thread's own doing is caught before the call returns */
		note_number(text, signals_caught() - before);
	}
}

int main(int argc, char **argv)
{
	struct link link;
	struct name name;

	probe_begin(argc, argv);
	catch_signal(SIGPIPE, 0);
	link = open_link(type());
	name = name_of_socket(link.near);
	note_name("near", &name);
	name = name_of_peer(link.near);
	note_name("near: peer", &name);
	step("before");
	see_speak(link.near, 1);
	fence(NEAR);
	step("shutdown");
	see_shutdown(link.near, shut_how());
	fence(NEAR);
	for (enum writer by = BY_WRITE; by <= BY_SENDMSG; by++)
		try_to_send(link.near, by);
	fence(NEAR);
	step("the peer");
	see_arrival(link.far, SAID);
	step("the peer, once more");
	if (type() == SOCK_DGRAM) /* it does not learn of the end */
		see_receive_now(BY_RECV, link.far, SAID);
	else
		see_arrival(link.far, SAID);
	return probe_end();
}
