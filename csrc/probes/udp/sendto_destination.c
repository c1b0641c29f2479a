/* SPDX-License-Identifier: Apache-2.0 */
/* sendto() on an unconnected UDP socket: two receivers, a wrong length, no address. */
#include "kit.h"

static void see_sendto(int s, const char *text, const struct name *to)
{
	see_send(BY_SENDTO, s, text, strlen(text), 0, to);
}

int main(int argc, char **argv)
{
	struct name peer = name_filled(0, sizeof peer.storage);
	struct name first_name;
	struct name second_name;
	struct name cut;
	int first;
	int second;
	int s;

	probe_begin(argc, argv);
	first = open_bound(FAR, SOCK_DGRAM);
	second = open_bound(FAR, SOCK_DGRAM);
	first_name = name_of_socket(first);
	second_name = name_of_socket(second);
	note_name("first", &first_name);
	note_name("second", &second_name);
	s = open_socket(NEAR, SOCK_DGRAM);

	step("to the first");
	see_sendto(s, "one", &first_name);
	see_receive_soon(BY_RECV, first, 64);

	step("to the second");
	see_sendto(s, "two", &second_name);
	see_receive_soon(BY_RECV, second, 64);

	step("to the first again");
	see_sendto(s, "three", &first_name);
	see_receive_soon(BY_RECV, first, 64);

	step("a length too short");
	cut = first_name;
	cut.length = sizeof cut.any.sa_family;
	see_sendto(s, "four", &cut);

	step("no address");
	see_sendto(s, "five", NULL);

	step("after all");
	see_getpeername(s, &peer);
	see_receive_now(BY_RECV, first, 64);
	see_receive_now(BY_RECV, second, 64);
	return probe_end();
}
