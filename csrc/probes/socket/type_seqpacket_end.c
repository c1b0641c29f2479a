/* SPDX-License-Identifier: Apache-2.0 */
/* Records are cut by a small buffer, marked by MSG_EOR, put together from parts; then the sender ends. */
#include "kit.h"

enum { RECORD = 100, SMALL = 40, ROOM = 256 };

static unsigned char record[RECORD];

static void send_record(int from, size_t size, int flags, unsigned seed)
{
	pattern_fill(record, size, 0, seed);
	see_send(BY_SEND, from, record, size, flags, NULL);
}

int main(int argc, char **argv)
{
	static const size_t parts[] = {10, 0, 30, 60};
	struct link link;

	probe_begin(argc, argv);
	link = open_link(SOCK_SEQPACKET);
	step("excess");
	send_record(link.near, RECORD, 0, 1);
	send_record(link.near, RECORD, 0, 2);
	see_receive_soon(reader(), link.far, SMALL);
	see_receive_soon(reader(), link.far, RECORD);
	step("peek");
	send_record(link.near, RECORD, 0, 3);
	send_record(link.near, SMALL, 0, 4);
	see_receive(BY_RECVMSG, link.far, ROOM, MSG_PEEK | MSG_DONTWAIT);
	see_receive_soon(reader(), link.far, ROOM);
	see_receive_soon(reader(), link.far, ROOM);
	step("waitall");
	send_record(link.near, SMALL, 0, 5);
	send_record(link.near, RECORD, 0, 6);
	see_receive(BY_RECVMSG, link.far, ROOM, MSG_WAITALL | MSG_DONTWAIT);
	see_receive_soon(reader(), link.far, ROOM);
	step("end of record");
	send_record(link.near, RECORD, MSG_EOR, 7);
	send_record(link.near, RECORD, 0, 8);
	see_receive_soon(reader(), link.far, ROOM);
	see_receive_soon(reader(), link.far, ROOM);
	step("parts");
	pattern_fill(record, RECORD, 0, 9);
	see_send_parts(BY_SENDMSG, link.near, record, parts, 4, 0);
	see_send_parts(BY_WRITEV, link.near, record, parts, 4, 0);
	see_receive_soon(reader(), link.far, ROOM);
	see_receive_soon(reader(), link.far, ROOM);
	step("end");
	send_record(link.near, RECORD, 0, 10);
	send_record(link.near, SMALL, 0, 11);
	see_close(link.near);
	see_receive_soon(reader(), link.far, ROOM);
	see_receive_soon(reader(), link.far, ROOM);
	see_receive_soon(reader(), link.far, ROOM);
	return probe_end();
}
