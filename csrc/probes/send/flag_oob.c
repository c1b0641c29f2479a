/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_OOB on a TCP connection: the last byte is urgent, and the receiver finds it by itself. */
#include "kit.h"

#include <poll.h>

enum { PATIENCE_MS = 2000 };

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_stream_link();
	send_at_once(link.near);

	step("without");
	see_send(writer(), link.near, "ab", 2, 0, NULL);
	await_unread(link.far, 2);
	see_receive(BY_RECV, link.far, 16, MSG_OOB | MSG_DONTWAIT);
	see_sockatmark(link.far);

	step("with");
	if (see_send(writer(), link.near, "cd!", 3, MSG_OOB, NULL) == 3) {
		see_poll(link.far, POLLPRI, PATIENCE_MS);
		await_unread(link.far, 4); /* up to the mark */
	}
	see_receive(BY_RECV, link.far, 16, MSG_OOB | MSG_DONTWAIT);
	see_receive_now(BY_RECV, link.far, 16);
	see_sockatmark(link.far);
	see_receive_now(BY_RECV, link.far, 16);

	step("without again");
	see_send(writer(), link.near, "ef", 2, 0, NULL);
	see_receive_soon(BY_RECV, link.far, 16);
	see_sockatmark(link.far);
	fence(NEAR);
	return probe_end();
}
