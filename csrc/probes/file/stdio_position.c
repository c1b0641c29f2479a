/* SPDX-License-Identifier: Apache-2.0 */
/* fgetc() on files of many sizes: the stream's position, and the kernel's for the same file. */
#include "kit.h"

#include <fcntl.h>

#if defined __has_include
#if __has_include(<stdio_ext.h>)
#include <stdio_ext.h>
#define HAS_STDIO_EXT 1
#endif
#endif

enum { OWN = 1024, LARGEST = 40000 };

static unsigned char content[LARGEST];

static void make_file(size_t size)
{
	int fd = must(open("file", O_WRONLY | O_CREAT | O_TRUNC, 0600));

	if (write(fd, content, size) != (ssize_t)size)
		fault("a file of %zu bytes could not be made", size);
	close(fd);
}

/* buffer=default: the C library's choice; own: of 1024 bytes; none. */
static FILE *open_stream(void)
{
	static char own[OWN];
	FILE *stream = fopen("file", "re");
	int result = 0;

	if (!stream)
		fault_at("fopen()", errno, __FILE__, __LINE__);
	if (variant_is("buffer", "own"))
		result = setvbuf(stream, own, _IOFBF, sizeof own);
	else if (variant_is("buffer", "none"))
		result = setvbuf(stream, NULL, _IONBF, 0);
	else if (!variant_is("buffer", "default"))
		fault("buffer=%s is not one of its choices", variant("buffer"));
	if (result)
		fault_at("setvbuf()", errno, __FILE__, __LINE__);
	return stream;
}

/* How many bytes the stream's buffer has room for. */
static void note_buffer(FILE *stream)
{
#ifdef HAS_STDIO_EXT
	note_number("buffer", (int64_t)__fbufsize(stream));
#else
	(void)stream;
#endif
}

static void look_at(FILE *stream)
{
	see_ftell(stream);
	see_lseek(fileno(stream), 0, SEEK_CUR);
}

static void get_first_bytes(size_t size)
{
	FILE *stream;

	make_file(size);
	stream = open_stream();
	step("%zu bytes: opened", size);
	look_at(stream);
	step("%zu bytes: first", size);
	see_fgetc(stream);
	look_at(stream);
	note_buffer(stream);
	step("%zu bytes: second", size);
	see_fgetc(stream);
	look_at(stream);
	step("%zu bytes: read", size);
	see_receive(BY_READ, fileno(stream), 16, 0);
	fclose(stream);
}

/* Up to the byte that the buffer does not have. */
static void get_all_buffered(void)
{
	FILE *stream;
	long next;

	make_file(LARGEST);
	stream = open_stream();
	step("the buffer's first");
	see_fgetc(stream);
	look_at(stream);
	next = (long)lseek(fileno(stream), 0, SEEK_CUR);
	for (long i = 1; i < next - 1; i++)
		(void)fgetc(stream);
	step("the buffer's last");
	if (next > 1)
		see_fgetc(stream);
	look_at(stream);
	step("the one behind it");
	see_fgetc(stream);
	look_at(stream);
	fclose(stream);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {0, 1, 2, 100, OWN - 1, OWN, OWN + 1, LARGEST};

	probe_begin(argc, argv);
	pattern_fill(content, sizeof content, 0, 1);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		get_first_bytes(sizes[i]);
	get_all_buffered();
	return probe_end();
}
