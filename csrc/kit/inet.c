/* SPDX-License-Identifier: Apache-2.0 */
/* The functions between addresses and their texts, each called once and logged whole. */
#include "internal.h"

#include <arpa/inet.h>

enum { ADDRESS_ROOM = 32, TEXT_SIZE_MAX = 48, TEXT_ROOM = 64, ATON_ROOM = 16 };

/* Volatile, so that the compiler does not know which function is called. */
static int (*volatile call_pton)(int, const char *, void *) = inet_pton;
static const char *(*volatile call_ntop)(int, const void *, char *, socklen_t) = inet_ntop;
static int (*volatile call_aton)(const char *, struct in_addr *) = inet_aton;
static in_addr_t (*volatile call_addr)(const char *) = inet_addr;
static in_addr_t (*volatile call_network)(const char *) = inet_network;
static char *(*volatile call_ntoa)(struct in_addr) = inet_ntoa;
static in_addr_t (*volatile call_lnaof)(struct in_addr) = inet_lnaof;
static in_addr_t (*volatile call_netof)(struct in_addr) = inet_netof;

int see_inet_pton(int family, const char *text)
{
	unsigned char memory[ADDRESS_ROOM];
	struct call call;
	int result;

	memset(memory, FILL, sizeof memory);
	call_begin(&call, "inet_pton");
	call_arg_text(&call, "family", family_name(family));
	call_arg_text(&call, "text", text);
	call_enter(&call);
	result = call_pton(family, text, memory);
	call_left(&call, result);
	call_saw_part(&call, "memory", memory, sizeof memory);
	call_end(&call);
	return result;
}

/* An address as an argument in the log: all the bytes that the family has, or 4. */
static void call_arg_address(struct call *call, int family, const unsigned char *address)
{
	call_arg_text(call, "family", family_name(family));
	call_arg_data(call, "address", address, family == AF_INET6 ? 16 : 4);
}

void see_inet_ntop(int family, const unsigned char *address, socklen_t size)
{
	char memory[TEXT_ROOM];
	const char *result;
	struct call call;

	if (size > TEXT_SIZE_MAX)
		fault("a buffer of %u bytes", (unsigned)size);
	memset(memory, FILL, sizeof memory);
	call_begin(&call, "inet_ntop");
	call_arg_address(&call, family, address);
	call_arg_number(&call, "size", size);
	call_enter(&call);
	result = call_ntop(family, address, memory, size);
	call_left_text(&call, result);
	call_saw_number(&call, "in_buffer", result == memory);
	call_saw_part(&call, "memory", memory, sizeof memory);
	call_end(&call);
}

void see_inet_ntop_null(int family, const unsigned char *address, socklen_t size)
{
	const char *result;
	struct call call;

	call_begin(&call, "inet_ntop");
	call_arg_address(&call, family, address);
	call_arg_text(&call, "buffer", "NULL");
	call_arg_number(&call, "size", size);
	call_enter(&call);
	result = call_ntop(family, address, NULL, size);
	call_left_text(&call, result);
	call_end(&call);
}

int see_inet_aton(const char *text)
{
	union {
		struct in_addr address;
		unsigned char bytes[ATON_ROOM];
	} memory;
	struct call call;
	int result;

	memset(&memory, FILL, sizeof memory);
	call_begin(&call, "inet_aton");
	call_arg_text(&call, "text", text);
	call_enter(&call);
	result = call_aton(text, &memory.address);
	call_left_number(&call, result);
	call_saw_part(&call, "memory", memory.bytes, sizeof memory.bytes);
	call_end(&call);
	return result;
}

/* inet_addr(), inet_network(): text in, a number out. */
static in_addr_t see_number_of_text(const char *name, in_addr_t (*function)(const char *),
				    const char *text)
{
	struct call call;
	in_addr_t result;

	call_begin(&call, name);
	call_arg_text(&call, "text", text);
	call_enter(&call);
	result = function(text);
	call_left_number(&call, result);
	call_saw_text(&call, "errno", call.error ? errno_name(call.error) : "none");
	call_saw_part(&call, "memory", &result, sizeof result);
	call_end(&call);
	return result;
}

in_addr_t see_inet_addr(const char *text)
{
	return see_number_of_text("inet_addr", call_addr, text);
}

in_addr_t see_inet_network(const char *text)
{
	return see_number_of_text("inet_network", call_network, text);
}

static struct in_addr in_addr_of(const unsigned char *address)
{
	struct in_addr made;

	memcpy(&made, address, sizeof made);
	return made;
}

void see_inet_ntoa(const unsigned char *address)
{
	struct call call;
	const char *result;

	call_begin(&call, "inet_ntoa");
	call_arg_data(&call, "address", address, sizeof(struct in_addr));
	call_enter(&call);
	result = call_ntoa(in_addr_of(address));
	call_left_text(&call, result);
	call_end(&call);
}

/* inet_lnaof(), inet_netof(): an address in, a number out. */
static in_addr_t see_part_of(const char *name, in_addr_t (*function)(struct in_addr),
			     const unsigned char *address)
{
	struct call call;
	in_addr_t result;

	call_begin(&call, name);
	call_arg_data(&call, "address", address, sizeof(struct in_addr));
	call_enter(&call);
	result = function(in_addr_of(address));
	call_left_number(&call, result);
	call_end(&call);
	return result;
}

in_addr_t see_inet_lnaof(const unsigned char *address)
{
	return see_part_of("inet_lnaof", call_lnaof, address);
}

in_addr_t see_inet_netof(const unsigned char *address)
{
	return see_part_of("inet_netof", call_netof, address);
}
