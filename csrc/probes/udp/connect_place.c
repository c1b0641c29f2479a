/* SPDX-License-Identifier: Apache-2.0 */
/* A watched connect() on a UDP socket to each place of a stage, and with wrong addresses. */
#include "kit.h"

struct attempt {
	int s;
	struct name peer;
};

static void attempt_connect(void *argument)
{
	struct attempt *attempt = argument;

	see_connect(attempt->s, &attempt->peer);
}

static struct name with_family(struct name name, int family)
{
	name.any.sa_family = (sa_family_t)family;
	return name;
}

static struct name with_length(struct name name, socklen_t length)
{
	name.length = length;
	return name;
}

static struct name receiver(void)
{
	return name_of_socket(open_bound(FAR, SOCK_DGRAM));
}

static struct name peer_of_variant(void)
{
	if (variant_is("to", "receiver"))
		return receiver();
	if (variant_is("to", "nobody"))
		return refusing_name(FAR, SOCK_DGRAM);
	if (variant_is("to", "silent"))
		return name_of(SILENT, 40000);
	if (variant_is("to", "unreachable"))
		return name_of(UNREACHABLE, 40000);
	if (variant_is("to", "rejected"))
		return name_of(REJECTED, 40000);
	if (variant_is("to", "other-family"))
		return with_family(receiver(), AF_UNIX);
	if (variant_is("to", "short"))
		return with_length(receiver(), sizeof(sa_family_t));
	fault("to=%s is no place", variant("to"));
}

/* Only a stage of our own has places of which it is known that no route leads there. */
static bool stage_lacks_place(void)
{
	return !strcmp(stage(), "host") &&
	       (variant_is("to", "unreachable") || variant_is("to", "rejected"));
}

int main(int argc, char **argv)
{
	static const char data[] = "anyone?";
	struct name peer = name_filled(0, sizeof peer.storage);
	struct attempt attempt;
	struct sleeper client;

	probe_begin(argc, argv);
	if (stage_lacks_place()) {
		note_text("no such place", variant("to"));
		return probe_end();
	}
	attempt.peer = peer_of_variant();
	attempt.s = open_socket(NEAR, SOCK_DGRAM);

	step("connect");
	fence(NEAR);
	sleeper_start(&client, "client", attempt_connect, &attempt);
	see_asleep(&client, "connect");
	sleeper_join(&client);
	fence(NEAR);

	step("after it");
	see_getpeername(attempt.s, &peer);
	if (variant_is("to", "nobody")) {
		see_send(BY_SEND, attempt.s, data, strlen(data), 0, NULL);
		see_receive_soon(BY_RECV, attempt.s, 32);
	}
	return probe_end();
}
