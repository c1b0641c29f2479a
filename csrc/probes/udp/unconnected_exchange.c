/* SPDX-License-Identifier: Apache-2.0 */
/* Two UDP sockets exchange datagrams, and neither is ever connected. */
#include "kit.h"

static void see_peer(int fd)
{
	struct name peer = name_filled(0, sizeof peer.storage);

	see_getpeername(fd, &peer);
}

int main(int argc, char **argv)
{
	static const char question[] = "question";
	static const char answer[] = "the answer";
	struct name near_name;
	struct name far_name;
	int near;
	int far;

	probe_begin(argc, argv);
	near = open_bound(NEAR, SOCK_DGRAM);
	far = open_bound(FAR, SOCK_DGRAM);
	near_name = name_of_socket(near);
	far_name = name_of_socket(far);
	note_name("near", &near_name);
	note_name("far", &far_name);
	fence(NEAR);

	step("question");
	see_send(writer(), near, question, strlen(question), 0, &far_name);
	see_receive_soon((enum reader)writer(), far, 64);

	step("answer");
	see_send(writer(), far, answer, strlen(answer), 0, &near_name);
	see_receive_soon((enum reader)writer(), near, 64);

	step("peers");
	see_peer(near);
	see_peer(far);
	fence(NEAR);
	return probe_end();
}
