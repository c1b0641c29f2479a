/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown() in some ways, one after the other, and then close(): which of them sends a FIN. */
#include "peer.h"

static void shut(const char *how, int fd)
{
	static const struct {
		const char *word;
		int how;
	} ways[] = {{"rd", SHUT_RD}, {"wr", SHUT_WR}, {"rdwr", SHUT_RDWR}};

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (strcmp(ways[i].word, how) != 0)
			continue;
		see_shutdown(fd, ways[i].how);
		fence(NEAR);
		return;
	}
	fault("no such way: %s", how);
}

static int fd;

static void shut_one(const char *how)
{
	shut(how, fd);
}

int main(int argc, char **argv)
{
	struct flow flow;
	int other;

	probe_begin(argc, argv);
	fd = open_flow("near", &flow);
	other = must(dup(fd));
	see_speak(fd, 0);
	peer_takes(&flow, SAID);
	fence(NEAR);
	each_text("ways", shut_one);
	see_close(fd);
	fence(NEAR);
	step("the last");
	see_close(other);
	fence(NEAR);
	return probe_end();
}
