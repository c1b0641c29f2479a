/* SPDX-License-Identifier: Apache-2.0 */
/* Sending calls with each flag that asks for nothing out of the ordinary here, and what arrives. */
#include "kit.h"

static const struct flag {
	const char *name;
	int value;
} flags[] = {
	{"0", 0},
	{"MSG_DONTWAIT", MSG_DONTWAIT},
	{"MSG_NOSIGNAL", MSG_NOSIGNAL},
	{"MSG_EOR", MSG_EOR},
	{"MSG_DONTROUTE", MSG_DONTROUTE},
	{"three", MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR},
};

static void see_flag(enum writer by, struct link link, const struct flag *flag)
{
	step("%s, %s", writer_name(by), flag->name);
	see_send(by, link.near, "hello", 5, flag->value, NULL);
	see_receive_soon(BY_RECV, link.far, 64);
	see_receive_now(BY_RECV, link.far, 64);
}

/* Two at once: what is a record's end to the one kind of socket is nothing to the other. */
static void see_records(enum writer by, struct link link)
{
	bool first;
	bool second;

	step("%s, two records", writer_name(by));
	first = see_send(by, link.near, "one", 3, MSG_EOR, NULL) == 3;
	second = see_send(by, link.near, "two", 3, MSG_EOR, NULL) == 3;
	if (first && second)
		await_unread(link.far, type() == SOCK_DGRAM ? 3 : 6);
	see_receive_soon(BY_RECV, link.far, 64);
	if (type() != SOCK_STREAM)
		see_receive_soon(BY_RECV, link.far, 64);
}

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	send_at_once(link.near);
	for (enum writer by = BY_SEND; by <= BY_SENDMSG; by++) {
		for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
			see_flag(by, link, &flags[i]);
		see_records(by, link);
	}
	return probe_end();
}
