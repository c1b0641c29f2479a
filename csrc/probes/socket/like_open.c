/* SPDX-License-Identifier: Apache-2.0 */
/* read(), write(), fcntl(), dup() and close() on a descriptor that socket() gave. */
#include "kit.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	struct name name;
	struct link link;
	int listener;
	int copy;

	probe_begin(argc, argv);
	listener = open_listener(FAR, 8);
	name = name_of_socket(listener);
	link.near = see_socket(family(), SOCK_STREAM, 0);
	must(connect(link.near, &name.any, name.length));
	link.far = must(accept(listener, NULL, NULL));
	step("write");
	see_send(BY_WRITE, link.near, "written", 7, 0, NULL);
	see_receive_soon(BY_READ, link.far, 16);
	step("read");
	must(send(link.far, "sent", 4, 0));
	await_unread(link.near, 4);
	see_receive(BY_READ, link.near, 16, 0);
	step("fcntl");
	see_fcntl(link.near, "F_GETFD", F_GETFD, 0);
	see_fcntl(link.near, "F_SETFD", F_SETFD, FD_CLOEXEC);
	see_fcntl(link.near, "F_GETFD", F_GETFD, 0);
	step("dup");
	copy = see_dup(link.near);
	see_send(BY_WRITE, copy, "copied", 6, 0, NULL);
	see_receive_soon(BY_READ, link.far, 16);
	step("close");
	see_close(copy);
	see_close(link.near);
	see_receive_soon(BY_READ, link.far, 16);
	return probe_end();
}
