/* SPDX-License-Identifier: Apache-2.0 */
/* Windows and queues: what a scripted peer offers, and what lies in a socket's buffers. */
#include "internal.h"
#include "peer.h"

#include <sys/ioctl.h>

int open_prompt_to_peer(struct flow *flow)
{
	int fd = open_steady_socket();

	connect_to_peer(fd, flow);
	send_at_once(fd);
	return fd;
}

void peer_offers(struct flow *flow, uint16_t window)
{
	flow->window = window;
	peer_sends(flow, ACK);
}

void settle(void)
{
	fence(FAR);
	fence(NEAR);
}

int see_unsent(int fd)
{
	struct call call;
	int unsent = 0;
	int result;

	call_begin(&call, "ioctl");
	call_arg_fd(&call, "fd", fd);
	call_arg_text(&call, "request", "TIOCOUTQ");
	call_enter(&call);
	result = ioctl(fd, TIOCOUTQ, &unsent);
	call_left(&call, result);
	call_saw_number(&call, "unsent", unsent);
	call_end(&call);
	return unsent;
}
