/* SPDX-License-Identifier: Apache-2.0 */
/* recv() on a datagram socket that is bound and was never connected, and a datagram from anyone. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct name name;
	int sender;
	int fd;

	probe_begin(argc, argv);
	fd = open_bound(NEAR, SOCK_DGRAM);
	name = name_of_socket(fd);
	sender = open_socket(FAR, SOCK_DGRAM);
	receiver_start(&receiver, "reader", BY_RECV, fd, 64, 0);
	see_receiver_asleep(&receiver);
	see_send(BY_SENDTO, sender, "hello", 5, 0, &name);
	sleeper_join(&receiver.sleeper);
	return probe_end();
}
