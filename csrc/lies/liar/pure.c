/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of libc alone that the liar stands before: the texts of addresses, and byte order. */
#include "lie.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Where they are macros the functions are meant. */
#undef htonl
#undef htons
#undef ntohl
#undef ntohs

/* --- addresses as text ------------------------------------------------------------------------------------ */

SINCERE(inet_pton, ((int)t->number[0], t->text, t->parts[0].iov_base))
SINCERE(inet_aton, (t->text, t->parts[0].iov_base))

static void make_inet_ntop(struct telling *t)
{
	const char *text = sincere.inet_ntop((int)t->number[0], t->text, t->parts[0].iov_base,
					     (socklen_t)t->parts[0].iov_len);

	t->result = (long)text;
	t->error = text ? 0 : errno;
}

int lie_inet_pton(int family, const char *text, void *address) STANDS_BEFORE(inet_pton);
int lie_inet_pton(int family, const char *text, void *address)
{
	struct telling t = {.call = "inet_pton",
			    .fd = -1,
			    .number = {family},
			    .text = text,
			    .parts = {{.iov_base = address, .iov_len = family == AF_INET ? 4 : 16}},
			    .count = 1};

	return (int)told(&t, make_inet_pton);
}

/* The condition `text` is of no use here: the address is in ->text, as bytes. */
const char *lie_inet_ntop(int family, const void *address, char *text, socklen_t size)
	STANDS_BEFORE(inet_ntop);
const char *lie_inet_ntop(int family, const void *address, char *text, socklen_t size)
{
	struct telling t = {.call = "inet_ntop",
			    .fd = -1,
			    .number = {family},
			    .text = address,
			    .parts = {{.iov_base = text, .iov_len = size}},
			    .count = text ? 1 : 0};

	return (const char *)told(&t, make_inet_ntop);
}

int lie_inet_aton(const char *text, struct in_addr *address) STANDS_BEFORE(inet_aton);
int lie_inet_aton(const char *text, struct in_addr *address)
{
	struct telling t = {.call = "inet_aton",
			    .fd = -1,
			    .text = text,
			    .parts = {{.iov_base = address, .iov_len = sizeof *address}},
			    .count = 1};

	return (int)told(&t, make_inet_aton);
}

/* Another text than the one that was given. */
void read_another(struct telling *telling, char how, long text)
{
	telling->text = (const char *)text;
}

/* inet_pton() that knows the forms of inet_aton(). */
void read_by_aton(struct telling *telling, char how, long value)
{
	telling->result = sincere.inet_aton(telling->text, telling->parts[0].iov_base) != 0;
	telling->skipped = true;
}

/* inet_aton() that knows only the form of inet_pton(). */
void read_by_pton(struct telling *telling, char how, long value)
{
	telling->result =
		sincere.inet_pton(AF_INET, telling->text, telling->parts[0].iov_base) == 1;
	telling->skipped = true;
}

/* inet_ntop() with a buffer of its own. */
void write_elsewhere(struct telling *telling, char how, long value)
{
	static char own[INET6_ADDRSTRLEN];

	telling->parts[0] = (struct iovec){.iov_base = own, .iov_len = sizeof own};
}

/* Another text than that of the address. */
void write_another(struct telling *telling, char how, long text)
{
	if (telling->count && telling->parts[0].iov_len)
		snprintf(telling->parts[0].iov_base, telling->parts[0].iov_len, "%s",
			 (const char *)text);
}

/* The four bytes of an address in the opposite order. */
void swap_address(struct telling *telling, char how, long value)
{
	static char address[4];

	for (size_t i = 0; i < sizeof address; i++)
		address[i] = telling->text[sizeof address - 1 - i];
	telling->text = address;
}

/* Four bytes in the opposite order. */
static long swapped(long value)
{
	return (long)__builtin_bswap32((uint32_t)value);
}

void swap_value(struct telling *telling, char how, long value)
{
	telling->number[0] = swapped(telling->number[0]);
}

void swap_result(struct telling *telling, char how, long value)
{
	telling->result = swapped(telling->result);
}

/* Numbers: no result of theirs says failure, and errno is not theirs. */
#define PLAIN(name, argument)                                                                      \
	static void make_##name(struct telling *t)                                                 \
	{                                                                                          \
		t->result = (long)sincere.name(argument);                                          \
	}

PLAIN(inet_addr, t->text)
PLAIN(inet_network, t->text)
PLAIN(inet_ntoa, (struct in_addr){.s_addr = (in_addr_t)t->number[0]})
PLAIN(inet_lnaof, (struct in_addr){.s_addr = (in_addr_t)t->number[0]})
PLAIN(inet_netof, (struct in_addr){.s_addr = (in_addr_t)t->number[0]})
PLAIN(htonl, (uint32_t)t->number[0])
PLAIN(ntohl, (uint32_t)t->number[0])
PLAIN(htons, (uint16_t)t->number[0])
PLAIN(ntohs, (uint16_t)t->number[0])

in_addr_t lie_inet_addr(const char *text) STANDS_BEFORE(inet_addr);
in_addr_t lie_inet_addr(const char *text)
{
	struct telling t = {.call = "inet_addr", .fd = -1, .text = text};

	return (in_addr_t)told(&t, make_inet_addr);
}

in_addr_t lie_inet_network(const char *text) STANDS_BEFORE(inet_network);
in_addr_t lie_inet_network(const char *text)
{
	struct telling t = {.call = "inet_network", .fd = -1, .text = text};

	return (in_addr_t)told(&t, make_inet_network);
}

/* The text that came back is a part like any other, so that it can be changed. */
static void make_inet_ntoa_text(struct telling *t)
{
	make_inet_ntoa(t);
	t->parts[0].iov_base = (char *)t->result;
	t->parts[0].iov_len = strlen((char *)t->result);
	t->count = 1;
}

char *lie_inet_ntoa(struct in_addr address) STANDS_BEFORE(inet_ntoa);
char *lie_inet_ntoa(struct in_addr address)
{
	struct telling t = {.call = "inet_ntoa", .fd = -1, .number = {(long)address.s_addr}};

	return (char *)told(&t, make_inet_ntoa_text);
}

in_addr_t lie_inet_lnaof(struct in_addr address) STANDS_BEFORE(inet_lnaof);
in_addr_t lie_inet_lnaof(struct in_addr address)
{
	struct telling t = {.call = "inet_lnaof", .fd = -1, .number = {(long)address.s_addr}};

	return (in_addr_t)told(&t, make_inet_lnaof);
}

in_addr_t lie_inet_netof(struct in_addr address) STANDS_BEFORE(inet_netof);
in_addr_t lie_inet_netof(struct in_addr address)
{
	struct telling t = {.call = "inet_netof", .fd = -1, .number = {(long)address.s_addr}};

	return (in_addr_t)told(&t, make_inet_netof);
}

uint32_t lie_htonl(uint32_t value) STANDS_BEFORE(htonl);
uint32_t lie_htonl(uint32_t value)
{
	struct telling t = {.call = "htonl", .fd = -1, .number = {value}};

	return (uint32_t)told(&t, make_htonl);
}

uint32_t lie_ntohl(uint32_t value) STANDS_BEFORE(ntohl);
uint32_t lie_ntohl(uint32_t value)
{
	struct telling t = {.call = "ntohl", .fd = -1, .number = {value}};

	return (uint32_t)told(&t, make_ntohl);
}

uint16_t lie_htons(uint16_t value) STANDS_BEFORE(htons);
uint16_t lie_htons(uint16_t value)
{
	struct telling t = {.call = "htons", .fd = -1, .number = {value}};

	return (uint16_t)told(&t, make_htons);
}

uint16_t lie_ntohs(uint16_t value) STANDS_BEFORE(ntohs);
uint16_t lie_ntohs(uint16_t value)
{
	struct telling t = {.call = "ntohs", .fd = -1, .number = {value}};

	return (uint16_t)told(&t, make_ntohs);
}
