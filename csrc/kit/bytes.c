/* SPDX-License-Identifier: Apache-2.0 */
/* The functions on byte strings, each called once and logged whole; and many calls as one line. */
#include "internal.h"

#include <strings.h>

/* Volatile, so that the compiler does not know which function is called. */
/* NOLINTBEGIN(bugprone-unsafe-functions,cert-msc24-c,cert-msc33-c): claims speak of deprecated ones */
static void (*volatile call_bzero)(void *, size_t) = bzero;
static void (*volatile call_bcopy)(const void *, void *, size_t) = bcopy;
static int (*volatile call_bcmp)(const void *, const void *, size_t) = bcmp;
static void *(*volatile call_memset)(void *, int, size_t) = memset;
static void *(*volatile call_memcpy)(void *, const void *, size_t) = memcpy;
static int (*volatile call_memcmp)(const void *, const void *, size_t) = memcmp;
/* NOLINTEND(bugprone-unsafe-functions,cert-msc24-c,cert-msc33-c) */

/* The memory that the functions work in, filled anew for each call. */
static unsigned char *memory_filled(void)
{
	static _Alignas(64) unsigned char memory[BYTES];
	static unsigned char filling[BYTES];

	if (!filling[1]) /* the pattern's first bytes are 0 and 7 */
		pattern_fill(filling, sizeof filling, 0, 0);
	memcpy(memory, filling, sizeof memory);
	return memory;
}

/* A result that is the destination's pointer, or another one. */
static const char *pointer_text(const void *result, const void *destination)
{
	return result == destination ? "dest" : "another pointer";
}

static void check_inside(size_t at, size_t count)
{
	if (at > BYTES || count > BYTES - at)
		fault("%zu bytes at %zu are not inside the memory", count, at);
}

static void saw_memory(struct call *call, const unsigned char *memory)
{
	call_saw_data(call, memory, BYTES);
	call_end(call);
}

void see_bzero(size_t at, size_t count)
{
	unsigned char *memory = memory_filled();
	struct call call;

	check_inside(at, count);
	call_begin(&call, "bzero");
	call_arg_number(&call, "dest", (int64_t)at);
	call_arg_number(&call, "n", (int64_t)count);
	call_enter(&call);
	call_bzero(memory + at, count);
	call_left_void(&call);
	saw_memory(&call, memory);
}

void see_bcopy(size_t source, size_t destination, size_t count)
{
	unsigned char *memory = memory_filled();
	struct call call;

	check_inside(source, count);
	check_inside(destination, count);
	call_begin(&call, "bcopy");
	call_arg_number(&call, "src", (int64_t)source);
	call_arg_number(&call, "dest", (int64_t)destination);
	call_arg_number(&call, "n", (int64_t)count);
	call_enter(&call);
	call_bcopy(memory + source, memory + destination, count);
	call_left_void(&call);
	saw_memory(&call, memory);
}

void see_memset(size_t at, int value, size_t count)
{
	unsigned char *memory = memory_filled();
	struct call call;
	void *result;

	check_inside(at, count);
	call_begin(&call, "memset");
	call_arg_number(&call, "dest", (int64_t)at);
	call_arg_number(&call, "c", value);
	call_arg_number(&call, "n", (int64_t)count);
	call_enter(&call);
	result = call_memset(memory + at, value, count);
	call_left_text(&call, pointer_text(result, memory + at));
	saw_memory(&call, memory);
}

void see_memcpy(size_t destination, size_t source, size_t count)
{
	unsigned char *memory = memory_filled();
	struct call call;
	void *result;

	check_inside(source, count);
	check_inside(destination, count);
	call_begin(&call, "memcpy");
	call_arg_number(&call, "dest", (int64_t)destination);
	call_arg_number(&call, "src", (int64_t)source);
	call_arg_number(&call, "n", (int64_t)count);
	call_enter(&call);
	result = call_memcpy(memory + destination, memory + source, count);
	call_left_text(&call, pointer_text(result, memory + destination));
	saw_memory(&call, memory);
}

static int see_compare(const char *name, int (*function)(const void *, const void *, size_t),
		       const void *one, const void *other, size_t count)
{
	struct call call;
	int result;

	call_begin(&call, name);
	call_arg_data(&call, "one", one, count);
	call_arg_data(&call, "other", other, count);
	call_arg_number(&call, "n", (int64_t)count);
	call_enter(&call);
	result = function(one, other, count);
	call_left_number(&call, result);
	call_end(&call);
	return result;
}

int see_bcmp(const void *one, const void *other, size_t count)
{
	return see_compare("bcmp", call_bcmp, one, other, count);
}

int see_memcmp(const void *one, const void *other, size_t count)
{
	return see_compare("memcmp", call_memcmp, one, other, count);
}

int bcmp_unlogged(const void *one, const void *other, size_t count)
{
	return call_bcmp(one, other, count);
}

int memcmp_unlogged(const void *one, const void *other, size_t count)
{
	return call_memcmp(one, other, count);
}

void see_run(const char *name, uint32_t first, uint32_t step, size_t count, size_t size,
	     void (*work)(uint32_t value, unsigned char *result))
{
	unsigned char *results = malloc(count * size);
	uint32_t value = first;
	struct call call;

	if (!results)
		fault("no memory for %zu results", count);
	call_begin(&call, name);
	call_arg_number(&call, "first", first);
	call_arg_number(&call, "step", step);
	call_arg_number(&call, "count", (int64_t)count);
	call_enter(&call);
	for (size_t i = 0; i < count; i++) {
		work(value, results + i * size);
		value += step;
	}
	call_left_void(&call);
	call_saw_data(&call, results, count * size);
	call_end(&call);
	free(results);
}
