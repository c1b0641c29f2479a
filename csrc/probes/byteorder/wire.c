/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in the headers of packets: lengths, ports, TCP's sequence numbers; and a value of 32 bits that
 * was converted by htonl() and sent. */
#include "kit.h"

#include <arpa/inet.h>

enum { LONG = 0x0304, NEXT = 1 }; /* bytes sent at a time: a length whose two bytes differ */

int main(int argc, char **argv)
{
	unsigned char data[LONG];
	uint32_t value = htonl(0x01020304);
	struct name near, far;
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	near = name_of_socket(link.near);
	far = name_of_socket(link.far);
	note_name("near", &near);
	note_name("far", &far);
	pattern_fill(data, sizeof data, 0, 1);
	memcpy(data, &value, sizeof value);
	see_send(BY_SEND, link.near, data, sizeof data, 0, NULL);
	await_unread(link.far, sizeof data);
	see_send(BY_SEND, link.near, "!", NEXT, 0, NULL);
	if (type() == SOCK_STREAM)
		await_unread(link.far, sizeof data + NEXT);
	fence(NEAR);
	return probe_end();
}
