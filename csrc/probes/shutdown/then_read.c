/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving call on a socket whose receiving direction is shut down, with nothing to receive. */
#include "peer.h"

int main(int argc, char **argv)
{
	struct flow flow;
	int fd;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	see_shutdown(fd, shut_how());
	see_receive_now(reader(), fd, SAID);
	return probe_end();
}
