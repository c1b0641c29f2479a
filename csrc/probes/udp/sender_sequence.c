/* SPDX-License-Identifier: Apache-2.0 */
/* socket(), write() and close(), in this order and no others, on a UDP socket. */
#include "kit.h"

int main(int argc, char **argv)
{
	static const char data[] = "to whom?";
	int s;

	probe_begin(argc, argv);
	fence(NEAR);
	s = see_socket(family(), SOCK_DGRAM, 0);
	see_send(BY_WRITE, s, data, strlen(data), 0, NULL);
	see_close(s);
	fence(NEAR);
	return probe_end();
}
