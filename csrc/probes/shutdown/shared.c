/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() through one of several references to a connected socket. */
#include "kit.h"

/* The descriptor, and another reference of the kind by=... */
struct pair {
	struct link link;
	struct hold hold;
};

static void shut_down(struct pair *pair, int how)
{
	if (variant_is("through", "original"))
		see_shutdown(pair->link.near, how);
	else
		hold_shutdown(&pair->hold, how);
}

static void speak_and_listen(struct pair *pair, int how)
{
	step("sending");
	see_speak(pair->link.near, 3);
	if (how == SHUT_RD)
		see_arrival(pair->link.far, SAID);
	hold_say(&pair->hold, 4);
	if (how == SHUT_RD)
		see_arrival(pair->link.far, SAID);
	step("receiving");
	if (how == SHUT_WR)
		see_speak(pair->link.far, 5);
	see_arrival(pair->link.near, SAID);
	if (how == SHUT_WR)
		see_speak(pair->link.far, 6);
	hold_arrival(&pair->hold, SAID);
}

int main(int argc, char **argv)
{
	struct pair pair;
	struct name near;
	int how;

	probe_begin(argc, argv);
	hold_role();
	how = shut_how();
	pair.link = open_stream_link();
	send_at_once(pair.link.near);
	send_at_once(pair.link.far);
	near = name_of_socket(pair.link.near);
	note_name("near", &near);
	step("references");
	hold_start(&pair.hold, variant("by"), pair.link.near);
	see_exchange(pair.link.near, pair.link.far, 1);
	fence(NEAR);
	step("shutdown");
	shut_down(&pair, how);
	fence(NEAR);
	step("the peer");
	if (how != SHUT_RD)
		see_arrival(pair.link.far, SAID);
	speak_and_listen(&pair, how);
	step("closing");
	see_close(pair.link.near);
	hold_end(&pair.hold, END_CLOSE);
	fence(NEAR);
	return probe_end();
}
