/* SPDX-License-Identifier: Apache-2.0 */
/* JSON out, and a check that what a probe printed is JSON. */
#include "agent.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void reserve(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 4096;
	char *bytes;

	while (room < text->used + more)
		room *= 2;
	if (room == text->room)
		return;
	bytes = realloc(text->bytes, room);
	if (!bytes) {
		dprintf(STDERR_FILENO, "sockspec-agent: out of memory\n");
		_exit(3);
	}
	text->bytes = bytes;
	text->room = room;
}

void text_add(struct text *text, const void *bytes, size_t size)
{
	if (!size)
		return;
	reserve(text, size);
	memcpy(text->bytes + text->used, bytes, size);
	text->used += size;
}

void text_byte(struct text *text, char byte)
{
	text_add(text, &byte, 1);
}

void text_format(struct text *text, const char *format, ...)
{
	char line[512];
	va_list list;
	int size;

	va_start(list, format);
	size = vsnprintf(line, sizeof line, format, list);
	va_end(list);
	if (size > 0)
		text_add(text, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
}

void text_quoted(struct text *text, const void *bytes, size_t size)
{
	const unsigned char *from = bytes;

	text_byte(text, '"');
	for (size_t i = 0; i < size; i++) {
		if (from[i] == '"' || from[i] == '\\')
			text_format(text, "\\%c", from[i]);
		else if (from[i] < 0x20 || from[i] > 0x7e)
			text_format(text, "\\u%04x", from[i]);
		else
			text_byte(text, (char)from[i]);
	}
	text_byte(text, '"');
}

void text_string(struct text *text, const char *string)
{
	text_quoted(text, string, strlen(string));
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){.bytes = NULL};
}

/* --- is it JSON? -------------------------------------------------------------------------------- */
/* The grammar of RFC 8259, one function a rule.  No line breaks: a record is one line. */

enum { DEPTH_MAX = 16 };

struct reader {
	const unsigned char *at;
	const unsigned char *end;
};

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
		r->at++;
}

static bool take(struct reader *r, unsigned char byte)
{
	if (r->at == r->end || *r->at != byte)
		return false;
	r->at++;
	return true;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
		return false;
	r->at += size;
	return true;
}

static bool digits(struct reader *r)
{
	const unsigned char *begin = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return r->at > begin;
}

static bool number(struct reader *r)
{
	take(r, '-');
	if (!take(r, '0') && !digits(r))
		return false;
	if (take(r, '.') && !digits(r))
		return false;
	if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
		r->at++;
		if (!take(r, '+'))
			take(r, '-');
		return digits(r);
	}
	return true;
}

static bool hex4(struct reader *r)
{
	for (int i = 0; i < 4; i++, r->at++) {
		if (r->at == r->end || !strchr("0123456789abcdefABCDEF", *r->at) || !*r->at)
			return false;
	}
	return true;
}

/* UTF-8 of RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF. */
static bool utf8(struct reader *r)
{
	unsigned char lead = *r->at++;
	unsigned low = 0x80;
	unsigned high = 0xbf;
	int more;

	if (lead < 0x80)
		return true;
	if (lead < 0xc2 || lead > 0xf4)
		return false;
	more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	for (; more; more--, low = 0x80, high = 0xbf) {
		if (r->at == r->end || *r->at < low || *r->at > high)
			return false;
		r->at++;
	}
	return true;
}

static bool string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (r->at < r->end && *r->at != '"') {
		if (*r->at < 0x20)
			return false;
		if (*r->at != '\\') {
			if (!utf8(r))
				return false;
			continue;
		}
		r->at++;
		if (take(r, 'u')) {
			if (!hex4(r))
				return false;
			continue;
		}
		if (r->at == r->end || !*r->at || !strchr("\"\\/bfnrt", *r->at))
			return false;
		r->at++;
	}
	return take(r, '"');
}

static bool value(struct reader *r, int depth);

static bool members(struct reader *r, int depth, unsigned char close, bool named)
{
	skip_blanks(r);
	if (take(r, close))
		return true;
	do {
		skip_blanks(r);
		if (named) {
			if (!string(r))
				return false;
			skip_blanks(r);
			if (!take(r, ':'))
				return false;
			skip_blanks(r);
		}
		if (!value(r, depth + 1))
			return false;
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, close);
}

static bool value(struct reader *r, int depth)
{
	if (depth > DEPTH_MAX || r->at == r->end)
		return false;
	switch (*r->at) {
	case '{':
		r->at++;
		return members(r, depth, '}', true);
	case '[':
		r->at++;
		return members(r, depth, ']', false);
	case '"':
		return string(r);
	case 't':
		return take_word(r, "true");
	case 'f':
		return take_word(r, "false");
	case 'n':
		return take_word(r, "null");
	default:
		return number(r);
	}
}

bool json_is_object(const char *bytes, size_t size)
{
	struct reader r = {(const unsigned char *)bytes, (const unsigned char *)bytes + size};

	skip_blanks(&r);
	if (r.at == r.end || *r.at != '{' || !value(&r, 0))
		return false;
	skip_blanks(&r);
	return r.at == r.end;
}
