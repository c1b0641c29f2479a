/* SPDX-License-Identifier: Apache-2.0 */
/* Ways without getpeername() to learn the client, in a program executed on an accepted connection. */
#include "kit.h"

/* The program that accepted hands the address on in the environment, as accept() gave it: bytes in
 * hexadecimal. */
static const char handed_over[] = "SOCKSPEC_TEST_CLIENT";

static void hand_over(const struct name *client)
{
	char text[2 * sizeof client->bytes + 1] = "";

	for (size_t i = 0; i < client->length; i++) {
		text[2 * i] = "0123456789abcdef"[client->bytes[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[client->bytes[i] & 15];
	}
	must(setenv(handed_over, text, 1));
}

static unsigned char byte_of(const char *two_digits)
{
	const char digits[] = {two_digits[0], two_digits[1], '\0'};

	return (unsigned char)strtoul(digits, NULL, 16);
}

static struct name take_over(void)
{
	const char *text = getenv(handed_over);
	struct name client = {0};
	size_t length = 0;

	for (; text && text[2 * length] && length < sizeof client.storage; length++)
		client.bytes[length] = byte_of(text + 2 * length);
	client.length = (socklen_t)length;
	return client;
}

static void serve(int s)
{
	struct name client = take_over();

	step("environment");
	note_name("environment", &client);

	step("recvfrom");
	client = name_filled(0, sizeof client.storage);
	see_recvfrom(s, SAID, 0, &client);

#ifdef SO_PEERNAME
	step("SO_PEERNAME");
	client = name_of(FAR, 0); /* it fails where the length is not exactly that of the address */
	see_getsockopt_name(s, SOL_SOCKET, "SO_PEERNAME", SO_PEERNAME, &client);
#endif

	step("getpeername");
	client = name_filled(0, sizeof client.storage);
	see_getpeername(s, &client);
}

int main(int argc, char **argv)
{
	struct name name;
	int accepted;
	int listener;
	int client;

	probe_begin(argc, argv);
	if (role_is("service")) {
		serve(inherited_fd());
		return probe_end();
	}
	listener = open_listener(NEAR, 1);
	name = name_of_socket(listener);
	client = open_bound(FAR, SOCK_STREAM);
	must(connect(client, &name.any, name.length));
	send_all(client, "hello", 5);
	name = name_of_socket(client);
	note_name("client", &name);
	name = name_filled(0, sizeof name.storage);
	accepted = see_accept(listener, &name);
	hand_over(&name);
	exec_self("service", accepted);
}
