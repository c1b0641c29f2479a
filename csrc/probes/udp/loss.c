/* SPDX-License-Identifier: Apache-2.0 */
/* A client asleep in recvfrom() after its request or the reply was lost, and what wakes it. */
#include "kit.h"

#include <signal.h>

static void receive(void *argument)
{
	const int *s = argument;

	see_receive(BY_RECVFROM, *s, 64, 0);
}

static void reply(int server, const char *text, const struct name *to)
{
	must(sendto(server, text, strlen(text), 0, &to->any, to->length));
}

int main(int argc, char **argv)
{
	static const char request[] = "request";
	struct sleeper waiting;
	struct name server_name;
	struct name name;
	bool lose_request;
	int client;
	int server;
	int loser;

	probe_begin(argc, argv);
	lose_request = variant_is("lost", "request");
	catch_signal(SIGUSR1, 0);
	client = open_bound(NEAR, SOCK_DGRAM);
	server = open_bound(FAR, SOCK_DGRAM);
	name = name_of_socket(client);
	server_name = name_of_socket(server);
	loser = lose_request ? server : client;
	lose_all(loser);

	step("waiting");
	see_send(BY_SENDTO, client, request, strlen(request), 0, &server_name);
	sleeper_start(&waiting, "client", receive, &client);
	see_asleep(&waiting, "recvfrom");

	step("lost");
	if (!lose_request) {
		see_receive_soon(BY_RECV, server, 64);
		reply(server, "reply", &name);
	}
	await_lost(loser, 1);
	note_text("lost", variant("lost"));
	see_asleep(&waiting, "recvfrom");

	step("a signal");
	sleeper_signal(&waiting, SIGUSR1);
	sleeper_join(&waiting);
	note_number("signals", signals_caught());

	step("waiting again");
	lose_nothing(loser);
	sleeper_start(&waiting, "client", receive, &client);
	see_asleep(&waiting, "recvfrom");
	step("a datagram");
	reply(server, "at last", &name);
	sleeper_join(&waiting);
	return probe_end();
}
