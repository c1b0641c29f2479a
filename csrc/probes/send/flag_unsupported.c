/* SPDX-License-Identifier: Apache-2.0 */
/* MSG_OOB on a socket that knows no out-of-band data. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	for (enum writer by = BY_SEND; by <= BY_SENDMSG; by++) {
		step("%s", writer_name(by));
		see_send(by, link.near, "urgent", 6, MSG_OOB, NULL);
		step("%s, afterwards", writer_name(by));
		see_send(by, link.near, "hello", 5, 0, NULL);
		see_receive_soon(BY_RECV, link.far, 64);
		see_receive_now(BY_RECV, link.far, 64);
	}
	return probe_end();
}
