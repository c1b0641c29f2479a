/* SPDX-License-Identifier: Apache-2.0 */
/* A socket of the domain AF_KEY is asked which algorithms there are, and for the keys, of which there are none. */
#include "kit.h"

#if defined AF_KEY && defined __has_include
#if __has_include(<linux/pfkeyv2.h>)
#include <linux/pfkeyv2.h>
#elif __has_include(<net/pfkeyv2.h>)
#include <net/pfkeyv2.h>
#endif
#endif

#ifdef PF_KEY_V2

#include <poll.h>

enum { ROOM = 4096, PATIENCE_MS = 2000, WORD = 8 };

/* RFC 2367, 2.2: the base message header; lengths are in words of 64 bits. */
static void ask(int s, int type, int satype, uint32_t sequence)
{
	struct sadb_msg question = {
		.sadb_msg_version = PF_KEY_V2,
		.sadb_msg_type = (uint8_t)type,
		.sadb_msg_satype = (uint8_t)satype,
		.sadb_msg_len = sizeof question / WORD,
		.sadb_msg_seq = sequence,
		.sadb_msg_pid = (uint32_t)getpid(),
	};
	union {
		struct sadb_msg header;
		char bytes[ROOM];
	} answer;

	see_send(BY_SEND, s, &question, sizeof question, 0, NULL);
	if (see_poll(s, POLLIN, PATIENCE_MS) != 1)
		return;
	must(recv(s, &answer, sizeof answer, MSG_DONTWAIT | MSG_PEEK));
	see_receive(BY_RECV, s, sizeof answer, MSG_DONTWAIT);
	note_number("type asked", type);
	note_number("type", answer.header.sadb_msg_type);
	note_number("sequence", answer.header.sadb_msg_seq);
	note_number("pid asked", getpid());
	note_number("pid", answer.header.sadb_msg_pid);
	note_text("answer",
		  answer.header.sadb_msg_errno ? errno_name(answer.header.sadb_msg_errno) : "0");
}

int main(int argc, char **argv)
{
	int s;

	probe_begin(argc, argv);
	step("open");
	s = see_socket_privileged(NEAR, AF_KEY, SOCK_RAW, PF_KEY_V2);
	if (s < 0)
		unsupported("a socket of the domain AF_KEY", errno);
	/* RFC 2367, 3.1.7: the kernel answers with the algorithms of the kind. */
	step("register");
	ask(s, SADB_REGISTER, SADB_SATYPE_ESP, 1);
	/* RFC 2367, 3.1.10: and with all associations, of which there are none here. */
	step("dump");
	ask(s, SADB_DUMP, SADB_SATYPE_UNSPEC, 2);
	return probe_end();
}

#else

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	unsupported("AF_KEY, or <net/pfkeyv2.h> for it", 0);
}

#endif
