/* SPDX-License-Identifier: Apache-2.0 */
/* The prototype that a function is declared with, compared with the one that is printed. */

/* With GNU extensions glibc's address arguments have a type of its own in C, a union of pointers. */
#undef _GNU_SOURCE
#define _DEFAULT_SOURCE 1

#include "api_facts.h"
#include "kit.h"

#include <arpa/inet.h>
#include <strings.h>

struct prototype {
	const char *function;
	const char *printed;
	const char *declared; /* NULL: not at all */
};

#define TEXT(result, f, parameters) #result " " #f #parameters

/* The text of a prototype if it is that of the function, else `otherwise`. */
/* NOLINTBEGIN(bugprone-macro-parentheses): types cannot stand in parentheses */
#define IF_SAME(result, f, parameters, otherwise)                                                  \
	_Generic(&(f), result(*) parameters: TEXT(result, f, parameters), default: (otherwise))
/* NOLINTEND(bugprone-macro-parentheses) */

/* The compiler does not see the text of a function that the target does not declare. */
#define IF_DECLARED(yes, text)	IF_DECLARED_(yes, text)
#define IF_DECLARED_(yes, text) IF_DECLARED_##yes(text)
#define IF_DECLARED_1(text)	text
#define IF_DECLARED_0(text)	NULL

/* As it is printed; and what POSIX has, where that is something else.  On some targets the two are one. */
#define PRINTED_POSIX(result, f, parameters, result_posix, parameters_posix)                       \
	{#f, TEXT(result, f, parameters),                                                          \
	 IF_DECLARED(DECLARES_##f,                                                                 \
		     IF_SAME(result, f, parameters,                                                \
			     IF_SAME(result_posix, f, parameters_posix, "another type")))}
#define PRINTED(result, f, parameters)                                                             \
	{#f, TEXT(result, f, parameters),                                                          \
	 IF_DECLARED(DECLARES_##f, IF_SAME(result, f, parameters, "another type"))}

/* FAR is a word of 16-bit Windows; it says nothing elsewhere, and is left out. */
static const struct prototype prototypes[] = {
	PRINTED(int, socket, (int, int, int)),
	PRINTED(int, bind, (int, const struct sockaddr *, socklen_t)),
	PRINTED(int, connect, (int, const struct sockaddr *, socklen_t)),
	PRINTED(int, accept, (int, struct sockaddr *, socklen_t *)),
	PRINTED(int, listen, (int, int)),
	PRINTED(int, close, (int)),
	PRINTED(int, shutdown, (int, int)),
	PRINTED(ssize_t, send, (int, const void *, size_t, int)),
	PRINTED(ssize_t, recv, (int, void *, size_t, int)),
	PRINTED(ssize_t, sendto,
		(int, const void *, size_t, int, const struct sockaddr *, socklen_t)),
	PRINTED(ssize_t, recvfrom, (int, void *, size_t, int, struct sockaddr *, socklen_t *)),
	PRINTED(uint32_t, htonl, (uint32_t)),
	PRINTED(uint16_t, htons, (uint16_t)),
	PRINTED(uint32_t, ntohl, (uint32_t)),
	PRINTED(uint16_t, ntohs, (uint16_t)),
	PRINTED(int, inet_pton, (int, const char *, void *)),
	PRINTED_POSIX(const char *, inet_ntop, (int, const void *, char *, size_t), const char *,
		      (int, const void *, char *, socklen_t)),
	PRINTED(int, inet_aton, (const char *, struct in_addr *)),
	PRINTED_POSIX(unsigned long, inet_addr, (const char *), in_addr_t, (const char *)),
	PRINTED(in_addr_t, inet_network, (const char *)),
	PRINTED(char *, inet_ntoa, (struct in_addr)),
	PRINTED(in_addr_t, inet_lnaof, (struct in_addr)),
	PRINTED(in_addr_t, inet_netof, (struct in_addr)),
	/* NOLINTBEGIN(bugprone-unsafe-functions,cert-msc24-c,cert-msc33-c): the claim is about these */
	PRINTED(void, bzero, (void *, size_t)),
	PRINTED(void, bcopy, (const void *, void *, size_t)),
	PRINTED(int, bcmp, (const void *, const void *, size_t)),
	/* NOLINTEND(bugprone-unsafe-functions,cert-msc24-c,cert-msc33-c) */
	PRINTED(void *, memset, (void *, int, size_t)),
	PRINTED(void *, memcpy, (void *, const void *, size_t)),
	PRINTED(int, memcmp, (const void *, const void *, size_t)),
	PRINTED(ssize_t, read, (int, void *, size_t)),
	PRINTED(ssize_t, write, (int, const void *, size_t)),
	PRINTED(ssize_t, sendmsg, (int, const struct msghdr *, int)),
	PRINTED(ssize_t, recvmsg, (int, struct msghdr *, int)),
	PRINTED(int, getpeername, (int, struct sockaddr *, socklen_t *)),
	PRINTED(int, getsockname, (int, struct sockaddr *, socklen_t *)),
};

static const struct prototype *prototype_of(const char *function)
{
	for (size_t i = 0; i < sizeof prototypes / sizeof *prototypes; i++) {
		if (!strcmp(prototypes[i].function, function))
			return &prototypes[i];
	}
	fault("no prototype of %s() is printed", function);
}

int main(int argc, char **argv)
{
	const struct prototype *prototype;

	probe_begin(argc, argv);
	prototype = prototype_of(variant("function"));
	if (!prototype->declared)
		unsupported("a declaration of the function", 0);
	note_text("printed", prototype->printed);
	note_text("declared", prototype->declared);
	return probe_end();
}
