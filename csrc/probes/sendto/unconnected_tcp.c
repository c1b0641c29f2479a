/* SPDX-License-Identifier: Apache-2.0 */
/* sendto() and sendmsg() with an address, and recvfrom(), on a TCP socket that is not connected. */
#include "kit.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	struct name from = name_filled(0, sizeof from.storage);
	struct name to;
	int listener;
	int fd;

	probe_begin(argc, argv);
	listener = open_listener(FAR, 8);
	must(fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK));
	to = name_of_socket(listener);
	fd = open_socket(NEAR, SOCK_STREAM);
	must(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK));
	step("sendto");
	fence(NEAR);
	see_send(BY_SENDTO, fd, "hello", 5, 0, &to);
	fence(NEAR);
	step("sendmsg");
	fence(NEAR);
	see_send(BY_SENDMSG, fd, "hello", 5, 0, &to);
	fence(NEAR);
	step("recvfrom");
	see_recvfrom(fd, 64, 0, &from);
	step("the listener");
	see_accept(listener, NULL);
	return probe_end();
}
