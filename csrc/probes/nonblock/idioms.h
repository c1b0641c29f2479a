/* SPDX-License-Identifier: Apache-2.0 */
/* The article's two idioms for a non-blocking socket (lines 450-460 and 466-484), as it prints them. */
#ifndef SOCKSPEC_NONBLOCK_IDIOMS_H
#define SOCKSPEC_NONBLOCK_IDIOMS_H

#include "kit.h"

/* As printed, but for its "elseFrea", which must be "else". */
static inline int read_some(int sock_fd, size_t len)
{
	int nread;

	if ((nread = (int)see_receive(BY_READ, sock_fd, len, 0)) < 0) {
		if (errno == EWOULDBLOCK)
			return 0; /* no data was read */
		/* NOLINTNEXTLINE(readability-else-after-return): as printed */
		else
			return -1; /* reading failed */
	} else {
		return nread;
	}
}

/* What the other end does while the loop finds no space, once `taken` bytes were taken; false: nothing, so that
 * the loop would go on forever. */
typedef bool other_end(int taken);

enum { NOBODY_READS = -2 };

/* As printed, but that `meanwhile` stands for the time in which the printed loop only turns. */
static inline int write_all(int sock_fd, const unsigned char *data, int nLen, other_end *meanwhile)
{
	int write_pos = 0;
	int nLeft = nLen;

	while (nLeft > 0) {
		int nWrite = 0;
		if ((nWrite = (int)see_send(BY_WRITE, sock_fd, data + write_pos, (size_t)nLeft, 0,
					    NULL)) <= 0) {
			if (errno == EWOULDBLOCK) {
				nWrite = 0;
				if (!meanwhile(write_pos))
					return NOBODY_READS;
			} else {
				return -1; /* writing failed */
			}
		}
		nLeft -= nWrite;
		write_pos += nWrite;
	}
	return nLen;
}

#endif
