/* SPDX-License-Identifier: Apache-2.0 */
/* Which of two sockets that share an address by SO_REUSEPORT each of many clients comes to. */
#include "kit.h"

#include <poll.h>

enum {
	CLIENTS = 40, /* that all of them come to one socket by chance happens once in 2^39 times */
	PATIENCE_MS = 2000,
};

#ifdef SO_REUSEPORT

static int open_shared(const struct name *name)
{
	int s = open_socket(NEAR, type());

	if (see_setsockopt(s, SOL_SOCKET, "SO_REUSEPORT", SO_REUSEPORT, 1))
		unsupported("SO_REUSEPORT", errno);
	see_bind(s, name);
	if (type() == SOCK_STREAM)
		must(listen(s, CLIENTS));
	return s;
}

/* A socket of its own for each, and so a port of its own. */
static void send_number(const struct name *to, unsigned char number)
{
	int s = open_socket(FAR, type());

	must(connect(s, &to->any, to->length));
	must(send(s, &number, 1, MSG_NOSIGNAL));
}

/* The number of a client that has come to this socket. */
static unsigned char take_number(int s)
{
	unsigned char number = CLIENTS;
	int from = type() == SOCK_STREAM ? must(accept(s, NULL, NULL)) : s;

	must(recv(from, &number, 1, 0));
	if (number >= CLIENTS)
		fault("no client has the number %d", number);
	return number;
}

/* Waits (bounded) for each client, and then looks once more. */
static void see_clients(const int sockets[2])
{
	struct pollfd polled[] = {{.fd = sockets[0], .events = POLLIN},
				  {.fd = sockets[1], .events = POLLIN}};
	int came[2] = {0, 0};
	bool seen[CLIENTS] = {false};
	int clients = 0;

	while (must(poll(polled, 2, came[0] + came[1] < CLIENTS ? PATIENCE_MS : 0)) > 0) {
		for (int i = 0; i < 2; i++) {
			unsigned char number;

			if (!(polled[i].revents & POLLIN))
				continue;
			number = take_number(sockets[i]);
			came[i]++;
			clients += !seen[number];
			seen[number] = true;
		}
	}
	note_number("clients", CLIENTS);
	note_number("of them came", clients);
	note_number("to the first", came[0]);
	note_number("to the second", came[1]);
}

int main(int argc, char **argv)
{
	struct name name;
	int sockets[2];

	probe_begin(argc, argv);
	name = name_of(NEAR, 0);
	sockets[0] = open_shared(&name);
	name = name_of_socket(sockets[0]);
	sockets[1] = open_shared(&name);
	for (int i = 0; i < CLIENTS; i++)
		send_number(&name, (unsigned char)i);
	see_clients(sockets);
	return probe_end();
}

#else

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	unsupported("SO_REUSEPORT", ENOPROTOOPT);
}

#endif
