/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on files, and on the streams that the C library puts in front of them. */
#include "internal.h"

#include <fcntl.h>
#include <sys/stat.h>

static const struct symbol access_modes[] = {SYMBOL(O_RDONLY), SYMBOL(O_WRONLY), SYMBOL(O_RDWR)};

static const struct symbol open_flags[] = {
	SYMBOL(O_APPEND), SYMBOL(O_CREAT), SYMBOL(O_EXCL), SYMBOL(O_NONBLOCK), SYMBOL(O_TRUNC),
};

static void open_flags_text(char *text, size_t size, int flags)
{
	const char *mode = symbol_of(access_modes, COUNT(access_modes), flags & O_ACCMODE);
	int rest = flags & ~O_ACCMODE;
	char names[64];

	flags_text(names, sizeof names, open_flags, COUNT(open_flags), rest);
	snprintf(text, size, "%s%s%s", mode ? mode : "O_ACCMODE", rest ? "|" : "",
		 rest ? names : "");
}

int see_open(const char *path, int flags)
{
	struct call call;
	char text[96];
	int fd;

	open_flags_text(text, sizeof text, flags);
	call_begin(&call, "open");
	call_arg_text(&call, "path", path);
	call_arg_text(&call, "flags", text);
	call_enter(&call);
	fd = open(path, flags, S_IRUSR | S_IWUSR);
	call_left(&call, fd);
	side_of_fd_set(fd, NEAR);
	call_end(&call);
	return fd;
}

off_t see_lseek(int fd, off_t offset, int whence)
{
	static const struct symbol origins[] = {SYMBOL(SEEK_SET), SYMBOL(SEEK_CUR),
						SYMBOL(SEEK_END)};
	const char *origin = symbol_of(origins, COUNT(origins), whence);
	struct call call;
	off_t result;

	call_begin(&call, "lseek");
	call_arg_fd(&call, "fd", fd);
	call_arg_number(&call, "offset", offset);
	call_arg_text(&call, "whence", origin ? origin : "neither");
	call_enter(&call);
	result = lseek(fd, offset, whence);
	call_left(&call, result);
	call_end(&call);
	return result;
}

int see_unlink(const char *path)
{
	struct call call;
	int result;

	call_begin(&call, "unlink");
	call_arg_text(&call, "path", path);
	call_enter(&call);
	result = unlink(path);
	call_left(&call, result);
	call_end(&call);
	return result;
}

static const struct symbol file_kinds[] = {
	SYMBOL(S_IFREG), SYMBOL(S_IFDIR), SYMBOL(S_IFSOCK), SYMBOL(S_IFIFO),
	SYMBOL(S_IFCHR), SYMBOL(S_IFBLK), SYMBOL(S_IFLNK),
};

int see_stat(const char *path)
{
	struct stat status = {0};
	struct call call;
	const char *kind;
	int result;

	call_begin(&call, "stat");
	call_arg_text(&call, "path", path);
	call_enter(&call);
	result = stat(path, &status);
	call_left(&call, result);
	kind = symbol_of(file_kinds, COUNT(file_kinds), status.st_mode & S_IFMT);
	if (!result) {
		call_saw_text(&call, "kind", kind ? kind : "another");
		call_saw_number(&call, "size", status.st_size);
	}
	call_end(&call);
	return result;
}

int see_fgetc(FILE *stream)
{
	struct call call;
	int result;

	call_begin(&call, "fgetc");
	call_arg_fd(&call, "fd", fileno(stream));
	call_enter(&call);
	result = fgetc(stream);
	call_left_number(&call, result); /* EOF alone is no failure */
	call_saw_number(&call, "eof", feof(stream) != 0);
	call_end(&call);
	return result;
}

long see_ftell(FILE *stream)
{
	struct call call;
	long result;

	call_begin(&call, "ftell");
	call_arg_fd(&call, "fd", fileno(stream));
	call_enter(&call);
	result = ftell(stream);
	call_left(&call, result);
	call_end(&call);
	return result;
}
