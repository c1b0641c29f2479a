/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP socket's peer on record, and who gets its datagrams: connected, again, disconnected. */
#include "kit.h"

static void see_names(int s)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	struct name own = name_filled(0, sizeof own.storage);

	see_getpeername(s, &peer);
	see_getsockname(s, &own);
}

static void send_text(int s, const char *text)
{
	see_send(BY_SEND, s, text, strlen(text), 0, NULL);
}

int main(int argc, char **argv)
{
	static const char addressed[] = "to the first, by its address";
	struct name first_name;
	struct name second_name;
	int first;
	int second;
	int s;

	probe_begin(argc, argv);
	first = open_bound(FAR, SOCK_DGRAM);
	second = open_bound(FAR, SOCK_DGRAM);
	s = variant_is("bound", "yes") ? open_bound(NEAR, SOCK_DGRAM)
				       : open_socket(NEAR, SOCK_DGRAM);
	first_name = name_of_socket(first);
	second_name = name_of_socket(second);
	note_name("first", &first_name);
	note_name("second", &second_name);

	step("before");
	see_names(s);

	step("connected");
	see_connect(s, &first_name);
	see_names(s);
	send_text(s, "to the first");
	see_receive_soon(BY_RECV, first, 64);

	step("reconnected");
	see_connect(s, &second_name);
	see_names(s);
	send_text(s, "to the second");
	see_receive_soon(BY_RECV, second, 64);
	see_receive_now(BY_RECV, first, 64);

	step("disconnected");
	see_disconnect(s);
	see_names(s);
	send_text(s, "to whom?");
	see_send(BY_SENDTO, s, addressed, strlen(addressed), 0, &first_name);
	see_receive_soon(BY_RECV, first, 64);
	see_receive_now(BY_RECV, second, 64);
	return probe_end();
}
