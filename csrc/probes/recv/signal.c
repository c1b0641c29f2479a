/* SPDX-License-Identifier: Apache-2.0 */
/* A caught signal while a receiving call waits for its first byte, with and without SA_RESTART. */
#include "kit.h"

#include <signal.h>

int main(int argc, char **argv)
{
	struct receiver receiver;
	struct link link;

	probe_begin(argc, argv);
	catch_signal(SIGUSR1, variant_is("restart", "yes") ? SA_RESTART : 0);
	link = open_stream_link();

	step("waiting");
	receiver_start(&receiver, "reader", reader(), link.near, 64, 0);
	see_receiver_asleep(&receiver);
	sleeper_signal(&receiver.sleeper, SIGUSR1);
	await_signals(1);
	step("after the signal");
	see_receiver_asleep(&receiver);
	step("data");
	see_send(BY_SEND, link.far, "hello", 5, 0, NULL);
	sleeper_join(&receiver.sleeper);
	see_shutdown(link.far, SHUT_WR);
	step("the next call");
	see_receive(reader(), link.near, 64, 0);
	return probe_end();
}
