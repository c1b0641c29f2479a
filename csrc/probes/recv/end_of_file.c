/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a regular file up to its end and beyond it. */
#include "kit.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	int fd;

	probe_begin(argc, argv);
	fd = must(open("file", O_RDWR | O_CREAT | O_EXCL, 0600));
	must(unlink("file"));
	must(write(fd, "hello", 5));
	must(lseek(fd, 0, SEEK_SET));
	step("a part of the data");
	see_receive(reader(), fd, 3, 0);
	step("the rest of the data");
	see_receive(reader(), fd, 64, 0);
	step("the end");
	see_receive(reader(), fd, 64, 0);
	step("the end again");
	see_receive(reader(), fd, 64, 0);
	return probe_end();
}
