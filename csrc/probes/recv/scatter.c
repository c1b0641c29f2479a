/* SPDX-License-Identifier: Apache-2.0 */
/* One call that sends data from several buffers, and one that receives it into several others. */
#include "kit.h"

static const size_t sent[] = {4, 0, 1, 300, 7};
static const size_t taken[] = {1, 200, 0, 100, 64};

enum { SENT = 5, TAKEN = 5, TOTAL = 312 };

static void await(int fd, ssize_t size)
{
	if (size > 0)
		await_unread(fd, (size_t)size);
}

int main(int argc, char **argv)
{
	static char data[TOTAL];
	enum reader how;
	struct link link;

	probe_begin(argc, argv);
	how = writer() == BY_WRITEV ? BY_READV : BY_RECVMSG;
	link = open_link(type());
	pattern_fill(data, sizeof data, 0, 1);

	step("gathered");
	await(link.near, see_send_parts(writer(), link.far, data, sent, SENT, 0));
	see_receive(BY_RECV, link.near, 512, 0);

	step("scattered");
	see_send(BY_SEND, link.far, data, TOTAL, 0, NULL);
	await_unread(link.near, TOTAL);
	see_receive_parts(how, link.near, taken, TAKEN, 0);

	step("both");
	await(link.near, see_send_parts(writer(), link.far, data, sent, SENT, 0));
	see_receive_parts(how, link.near, taken, TAKEN, 0);
	return probe_end();
}
