/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), bind(), listen(), read() and close(), in this order, for a UDP datagram. */
#include "kit.h"

int main(int argc, char **argv)
{
	static const char data[] = "for the receiver";
	struct name name;
	int sender;
	int s;

	probe_begin(argc, argv);
	s = see_socket(family(), SOCK_DGRAM, 0);
	name = name_of(NEAR, 0);
	see_bind(s, &name);
	see_listen(s, 5);

	name = name_of_socket(s);
	sender = open_socket(FAR, SOCK_DGRAM);
	must(sendto(sender, data, strlen(data), 0, &name.any, name.length));
	see_receive_soon(BY_READ, s, 64);
	see_close(s);
	return probe_end();
}
