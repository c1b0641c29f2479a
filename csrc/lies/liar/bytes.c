/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings.  Everything uses these functions, the loader and the liar itself included: they go
 * straight to libc unless the rule names them, and do the work themselves until libc's own are found. */
#include "lie.h"

#include <string.h>
#include <strings.h>

/* Volatile, or the compiler would make these loops calls of the very functions. */
static void copy(volatile unsigned char *to, const volatile unsigned char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[i];
}

static void fill(volatile unsigned char *to, int byte, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (unsigned char)byte;
}

static int compare(const volatile unsigned char *a, const volatile unsigned char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i])
			return a[i] - b[i];
	}
	return 0;
}

static void make_memset(struct telling *t)
{
	sincere.memset(t->parts[0].iov_base, (int)t->number[0], t->parts[0].iov_len);
}

static void make_memcpy(struct telling *t)
{
	sincere.memcpy(t->parts[0].iov_base, t->text, t->parts[0].iov_len);
}

static void make_bzero(struct telling *t)
{
	sincere.bzero(t->parts[0].iov_base, t->parts[0].iov_len);
}

static void make_bcopy(struct telling *t)
{
	sincere.bcopy(t->text, t->parts[0].iov_base, t->parts[0].iov_len);
}

static void make_memcmp(struct telling *t)
{
	t->result = sincere.memcmp(t->parts[0].iov_base, t->text, t->parts[0].iov_len);
}

static void make_bcmp(struct telling *t)
{
	t->result = sincere.bcmp(t->parts[0].iov_base, t->text, t->parts[0].iov_len);
}

/* `text` is the other memory of those that have two; `result` is the truthful one.  The rest of a telling is
 * never written to here and stays zero: to make it zero anew would take a memset(). */
static long tell_of(const char *call, void *at, const void *other, size_t size, int byte,
		    long result, making *make)
{
	OF_THREAD struct telling t;

	t.call = call;
	t.fd = -1;
	t.number[0] = byte;
	t.text = other;
	t.parts[0] = (struct iovec){.iov_base = at, .iov_len = size};
	t.count = 1;
	t.result = result;
	t.error = 0;
	t.skipped = t.twice = t.blind = t.unwritable = false;
	return told(&t, make);
}

/* The two memories in each other's place. */
void swap_memories(struct telling *telling, char how, long value)
{
	const char *other = telling->text;

	telling->text = telling->parts[0].iov_base;
	telling->parts[0].iov_base = writable(other);
}

/* Copied byte by byte, the lowest first, whatever that overwrites. */
void copy_upwards(struct telling *telling, char how, long value)
{
	copy(telling->parts[0].iov_base, (const unsigned char *)telling->text,
	     telling->parts[0].iov_len);
	telling->skipped = true;
}

/* The highest first. */
void copy_downwards(struct telling *telling, char how, long value)
{
	volatile unsigned char *to = telling->parts[0].iov_base;

	for (size_t i = telling->parts[0].iov_len; i > 0; i--)
		to[i - 1] = (unsigned char)telling->text[i - 1];
	telling->skipped = true;
}

/* Bytes from 128 on come before the others. */
void compare_signed(struct telling *telling, char how, long value)
{
	const signed char *a = telling->parts[0].iov_base;
	const signed char *b = (const signed char *)telling->text;

	telling->result = 0;
	for (size_t i = 0; !telling->result && i < telling->parts[0].iov_len; i++)
		telling->result = a[i] - b[i];
}

/* As functions of strings have it: nothing counts behind the first zero. */
void end_at_zero(struct telling *telling, char how, long value)
{
	telling->parts[0].iov_len = strnlen(telling->parts[0].iov_base, telling->parts[0].iov_len);
}

void *lie_memset(void *at, int byte, size_t size) STANDS_BEFORE(memset);
void *lie_memset(void *at, int byte, size_t size)
{
	if (is_named("memset"))
		return (void *)tell_of("memset", at, NULL, size, byte, (long)at, make_memset);
	if (sincere.memset)
		return sincere.memset(at, byte, size);
	fill(at, byte, size);
	return at;
}

void *lie_memcpy(void *restrict to, const void *restrict from, size_t size) STANDS_BEFORE(memcpy);
void *lie_memcpy(void *restrict to, const void *restrict from, size_t size)
{
	if (is_named("memcpy"))
		return (void *)tell_of("memcpy", to, from, size, 0, (long)to, make_memcpy);
	if (sincere.memcpy)
		return sincere.memcpy(to, from, size);
	copy(to, from, size);
	return to;
}

int lie_memcmp(const void *a, const void *b, size_t size) STANDS_BEFORE(memcmp);
int lie_memcmp(const void *a, const void *b, size_t size)
{
	if (is_named("memcmp"))
		return (int)tell_of("memcmp", writable(a), b, size, 0, 0, make_memcmp);
	return sincere.memcmp ? sincere.memcmp(a, b, size) : compare(a, b, size);
}

/* NOLINTBEGIN(bugprone-unsafe-functions,cert-msc24-c,cert-msc33-c): claims speak of deprecated ones */
void lie_bzero(void *at, size_t size) STANDS_BEFORE(bzero);
void lie_bzero(void *at, size_t size)
{
	if (is_named("bzero"))
		tell_of("bzero", at, NULL, size, 0, 0, make_bzero);
	else if (sincere.bzero)
		sincere.bzero(at, size);
	else
		fill(at, 0, size);
}

void lie_bcopy(const void *from, void *to, size_t size) STANDS_BEFORE(bcopy);
void lie_bcopy(const void *from, void *to, size_t size)
{
	if (is_named("bcopy"))
		tell_of("bcopy", to, from, size, 0, 0, make_bcopy);
	else
		sincere.bcopy(from, to, size);
}

int lie_bcmp(const void *a, const void *b, size_t size) STANDS_BEFORE(bcmp);
int lie_bcmp(const void *a, const void *b, size_t size)
{
	if (is_named("bcmp"))
		return (int)tell_of("bcmp", writable(a), b, size, 0, 0, make_bcmp);
	return sincere.bcmp(a, b, size);
}
/* NOLINTEND(bugprone-unsafe-functions,cert-msc24-c,cert-msc33-c) */
