/* SPDX-License-Identifier: Apache-2.0 */
/* read() and write() on a regular file go on where the position is, which lseek() tells and sets. */
#include "kit.h"

#include <fcntl.h>

enum { ROOM = 64 };

static void put(int fd, const char *text)
{
	see_send(BY_WRITE, fd, text, strlen(text), 0, NULL);
}

static void get(int fd, size_t size)
{
	see_receive(BY_READ, fd, size, 0);
	see_lseek(fd, 0, SEEK_CUR);
}

int main(int argc, char **argv)
{
	int copy;
	int other;
	int fd;

	probe_begin(argc, argv);
	fd = see_open("file", O_RDWR | O_CREAT | O_EXCL);
	step("write");
	put(fd, "hello, ");
	see_lseek(fd, 0, SEEK_CUR);
	put(fd, "world");
	see_lseek(fd, 0, SEEK_CUR);
	step("at the end");
	get(fd, ROOM);
	step("from the beginning");
	see_lseek(fd, 0, SEEK_SET);
	get(fd, 5);
	get(fd, 2);
	get(fd, ROOM);
	get(fd, ROOM);
	step("written over");
	see_lseek(fd, 7, SEEK_SET);
	put(fd, "W");
	see_lseek(fd, 0, SEEK_SET);
	get(fd, ROOM);
	step("another descriptor of the file");
	other = see_open("file", O_RDONLY);
	get(other, 5);
	see_lseek(fd, 0, SEEK_CUR);
	step("a duplicate");
	copy = see_dup(other);
	get(copy, 2);
	see_lseek(other, 0, SEEK_CUR);
	step("a gap");
	see_lseek(fd, 4, SEEK_END);
	put(fd, "!");
	see_lseek(fd, 12, SEEK_SET);
	get(fd, ROOM);
	step("append");
	other = see_open("file", O_WRONLY | O_APPEND);
	see_lseek(other, 0, SEEK_SET);
	put(other, "?");
	see_lseek(other, 0, SEEK_CUR);
	see_stat("file");
	step("no bytes");
	see_lseek(fd, 0, SEEK_SET);
	get(fd, 0);
	put(fd, "");
	see_lseek(fd, 0, SEEK_CUR);
	step("a folder");
	other = see_open(".", O_RDONLY);
	see_receive(BY_READ, other, ROOM, 0);
	return probe_end();
}
