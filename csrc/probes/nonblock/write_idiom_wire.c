/* SPDX-License-Identifier: Apache-2.0 */
/* The article's write loop on a non-blocking socket whose TCP peer opens its window late, or goes away. */
#include "idioms.h"
#include "peer.h"

#include <fcntl.h>
#include <signal.h>

/* The whole is several times what the smallest send buffer holds. */
enum { MOST = 12000 };

static unsigned char data[MOST];
static struct flow flow;
static int received;
static bool gone;

static bool open_window(int taken)
{
	bool came;

	if (!flow.window)
		peer_offers(&flow, UINT16_MAX);
	came = peer_takes(&flow, (size_t)(taken - received));
	received = taken;
	fence(FAR);
	return came;
}

static bool reset(int taken)
{
	(void)taken;
	if (gone)
		return false;
	peer_sends(&flow, RST | ACK);
	fence(FAR);
	return gone = true;
}

/* It closes, and answers what comes then with a reset. */
static bool end_and_reset(int taken)
{
	if (!gone)
		peer_sends(&flow, FIN | ACK);
	return reset(taken);
}

static int open_nonblocking_flow(void)
{
	int fd = open_blocked_flow(&flow);

	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	received = 0;
	gone = false;
	return fd;
}

static void deliver(const char *name)
{
	int fd;

	step("%s", name);
	fd = open_nonblocking_flow();
	note_name("near", &flow.near);
	note_number(name, write_all(fd, data, MOST, open_window));
	peer_takes(&flow, (size_t)(MOST - received));
	fence(NEAR);
	close(fd);
}

static void give_up(const char *name, other_end *meanwhile)
{
	int fd;

	step("%s", name);
	fd = open_nonblocking_flow();
	note_number(name, write_all(fd, data, MOST, meanwhile));
	close(fd);
}

/* SIGPIPE as a program finds it that never heard of it. */
static void write_without_care(void)
{
	must(signal(SIGPIPE, SIG_DFL) == SIG_ERR ? -1 : 0);
	give_up("SIGPIPE not ignored", end_and_reset);
}

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	pattern_fill(data, sizeof data, 0, 0);
	deliver("a window that opens");
	give_up("the peer resets", reset);
	give_up("the peer ends and resets", end_and_reset);
	step("without care");
	note_end_of(write_without_care);
	return probe_end();
}
