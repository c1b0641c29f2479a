/* SPDX-License-Identifier: Apache-2.0 */
/* Two processes of one host speak through a socket each, in every way of writing and reading. */
#include "kit.h"

enum { WAYS = BY_SENDMSG + 1, OF_FIRST = 4711, OF_OTHER = 4712 };

static bool has_connections(void)
{
	return type() != SOCK_DGRAM;
}

static int bound_to(uint16_t unix_name)
{
	int s = open_socket(NEAR, type());
	struct name name = name_of(NEAR, family() == AF_UNIX ? unix_name : 0);

	must(bind(s, &name.any, name.length));
	return s;
}

static void tell_name(int over, int s)
{
	struct name name = name_of_socket(s);

	send_all(over, &name, sizeof name);
}

static void connect_to_told(int over, int s)
{
	struct name name;

	must(recv(over, &name, sizeof name, MSG_WAITALL));
	must(connect(s, &name.any, name.length));
}

/* --- the other process ------------------------------------------------------------------------- */

static int other_end(int given)
{
	int s;

	if (variant_is("made", "socketpair"))
		return given;
	s = has_connections() ? open_socket(NEAR, type()) : bound_to(OF_OTHER);
	connect_to_told(given, s);
	if (!has_connections())
		tell_name(given, s);
	return s;
}

static void speak_in_turn(struct child *self, int given)
{
	unsigned char words[SAID];
	int s = other_end(given);

	note_number("pid", getpid());
	meet(self);
	for (int way = 0; way < WAYS; way++) {
		see_receive_soon((enum reader)way, s, SAID);
		pattern_fill(words, sizeof words, 0, (unsigned)(2 * way + 1));
		see_send((enum writer)way, s, words, sizeof words, 0, NULL);
	}
	meet(self);
}

static void other_process(struct child *self, void *argument)
{
	const int *given = argument;

	if (variant_is("program", "another"))
		exec_child(self, "other", *given);
	speak_in_turn(self, *given);
}

/* --- this process ------------------------------------------------------------------------------ */

static void first_speaks(int s)
{
	unsigned char words[SAID];

	for (int way = 0; way < WAYS; way++) {
		pattern_fill(words, sizeof words, 0, (unsigned)(2 * way));
		see_send((enum writer)way, s, words, sizeof words, 0, NULL);
		see_receive_soon((enum reader)way, s, SAID);
	}
}

/* What came of the sockets that the two processes made each for itself. */
static int first_end(int s, int over)
{
	tell_name(over, s);
	if (has_connections())
		return must(accept(s, NULL, NULL));
	connect_to_told(over, s);
	return s;
}

static int first_socket(void)
{
	int s = bound_to(OF_FIRST);

	if (has_connections())
		must(listen(s, 1));
	return s;
}

int main(int argc, char **argv)
{
	struct child other;
	struct link bystander;
	int ends[2];
	int s;

	probe_begin(argc, argv);
	if (role_is("other")) {
		other = child_after_exec();
		speak_in_turn(&other, inherited_fd());
		return EXIT_SUCCESS;
	}
	bystander = open_link(type());
	must(socketpair(AF_UNIX, variant_is("made", "socketpair") ? type() : SOCK_STREAM, 0, ends));
	s = variant_is("made", "socketpair") ? ends[0] : first_socket();

	step("exchange");
	note_number("pid", getpid());
	child_start(&other, "other", other_process, &ends[1]);
	close(ends[1]);
	if (!variant_is("made", "socketpair"))
		s = first_end(s, ends[0]);
	meet(&other);
	first_speaks(s);
	meet(&other);
	child_join(&other);

	step("bystander");
	see_receive_now(BY_RECV, bystander.near, SAID);
	see_receive_now(BY_RECV, bystander.far, SAID);
	if (has_connections()) {
		step("the other process has ended");
		see_arrival(s, SAID);
	}
	return probe_end();
}
