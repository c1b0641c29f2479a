/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The liar: a library that is loaded into a probe before its libc and makes one call misbehave in one way.
 *
 * What it does is one rule, in $SOCKSPEC_LIE:
 *
 *   WHERE:WHEN:DO    getpeername:error=ENOTCONN:errno=EINVAL
 *                    recv+recvfrom+recvmsg:type=stream:size=1
 *
 * WHERE is the functions' names, WHEN the conditions, all of which have to be true, DO what is changed, in
 * this order; ../README.md has all the words.  `none` is no lie at all: the liar is there and changes nothing.
 * A lie is told in a call under test only, unless WHEN has `anywhere`; calls with descriptors of the kit's own
 * are never lied about.
 */
#ifndef SOCKSPEC_LIE_H
#define SOCKSPEC_LIE_H

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { IOVECS_MAX = 64, WORDS_MAX = 12, RULE_MAX = 512 };

/* A call that is being made.  What a function has not is 0, NULL or -1. */
struct telling {
	const char *call;
	int fd;
	/* its numbers, in the order of its parameters: socket's three, listen's backlog, shutdown's how,
	 * fcntl's command and argument, how many parts readv, writev and a message have, a byte order function's value,
	 * memset's byte, select's and poll's count, poll's limit in ms, the mode of open */
	long number[3];
	int level; /* of an option */
	int option;
	int flags;
	off_t offset;
	const struct sockaddr *to; /* the caller's address */
	socklen_t to_length;
	struct sockaddr *from; /* where the caller wants an address */
	socklen_t *from_length;
	struct iovec parts[IOVECS_MAX]; /* data to send, or room for what comes */
	size_t count;
	struct msghdr *message; /* a message's header: the liar's own, with the parts above */
	const char *text;	/* the text of an address, or a path */
	void *other;		/* memory of the caller's that is only passed on */
	long result;
	int error;    /* errno where the result says failure */
	bool skipped; /* the call is not to be made, or twice */
	bool twice;
	int patience_ms; /* it waits so long at most, in whatever mode the socket is; 0: as it is */
	bool to_the_full; /* and until there is as much as it has room for */
	bool unwritable;  /* the call found memory that it could not use: nor can the liar */
	/* The call has memory that cannot be read, or more parts than the liar has room for: it is made as it
	 * is, and only words that keep away from its memory can be told of it. */
	bool blind;
	const void *given; /* then the caller's own parts, or its own header */
	/* what the caller's memory held before the call */
	struct sockaddr_storage from_before;
	socklen_t length_before;
	unsigned char data_before[256];
	/* copies of what the caller gave, to be changed */
	struct sockaddr_storage to_changed;
	int number_given;
	void *data_changed; /* from malloc(); given back when the call is over */
};

/* The functions that the liar stands before, as libc has them; they leave their result in ->result and
 * errno in ->error. */
typedef void making(struct telling *telling);

/* Makes the call, and lies about it if the rule fits.  Returns the result, and leaves errno. */
long told(struct telling *telling, making *make);

/* Whether the rule is about this function, and this is a call that the liar may touch. */
bool is_named(const char *call);

/* The C function lie_NAME is what the loader finds for NAME: of another name here, since libc's headers declare
 * some of these with types that only they can write. */
#define STANDS_BEFORE(name) __asm__(#name) __attribute__((visibility("default")))

/* Of a thread.  The liar is loaded before the program begins, so that there is always room for these in the
 * static block: without it the first use would call malloc(), and that the very functions below. */
#define OF_THREAD static _Thread_local __attribute__((tls_model("initial-exec")))

/* libc takes some memory as const and some not; a telling has one field for both. */
static inline void *writable(const void *memory)
{
	return (void *)(uintptr_t)memory;
}

/* The result of a call that says failure with -1. */
static inline void leave(struct telling *telling, long result)
{
	telling->result = result;
	telling->error = result == -1 ? errno : 0;
}

/* make_NAME() makes a call of a telling `t` by libc's own NAME. */
#define SINCERE(name, arguments)                                                                   \
	static void make_##name(struct telling *t)                                                 \
	{                                                                                          \
		leave(t, (long)sincere.name arguments);                                            \
	}

/* Whether memory could be read, and was: a call under test may be given any pointer. */
bool look_at(void *into, const void *from, size_t size);

/* Whether there is such a function, and the liar stands before it. */
bool is_function(const char *name, size_t length);

/* --- the rule ------------------------------------------------------------------------------------ */

struct condition {
	const char *name;
	bool valued;
	bool late; /* it is about the outcome */
	bool (*fits)(const struct telling *telling, long value, const char *text);
};

struct act {
	const char *name;
	bool valued;
	bool early; /* it changes the call, not its outcome */
	void (*change)(struct telling *telling, char how, long value);
};

struct word {
	const struct condition *condition;
	const struct act *act;
	char how; /* of an act: '=', '+' or '-' */
	long value;
	const char *text;
};

struct rule {
	char text[RULE_MAX];
	const char *where;
	struct word when[WORDS_MAX];
	size_t whens;
	struct word does[WORDS_MAX];
	size_t acts;
	bool anywhere;
	bool late;  /* it looks at the outcome */
	bool blind; /* it keeps away from the call's memory */
	long nth;   /* only the n-th call that fits; 0: each */
	long after; /* only those after so many */
};

/* Reads a rule; false: it is none, and `why` says in a line what is wrong with it. */
bool rule_read(struct rule *rule, const char *text, char *why, size_t size);

/* Whether the rule is about this function. */
bool rule_names(const struct rule *rule, const char *call);

/* Makes a call that waits for ->patience_ms. */
void make_patiently(struct telling *telling, making *make);

const struct condition *condition_named(const char *name, size_t length);
const struct act *act_named(const char *name, size_t length);

/* Whether it neither reads nor changes the call's memory. */
bool condition_is_blind(const struct condition *condition);
bool act_is_blind(const struct act *act);

/* Acts on the functions that have no socket. */
typedef void changing(struct telling *telling, char how, long value);
changing swap_memories, copy_upwards, copy_downwards, compare_signed, end_at_zero;
changing read_another, read_by_aton, read_by_pton, write_elsewhere, write_another;
changing swap_address, swap_value, swap_result;

/* The number that a word stands for: a number, or the name of an errno, a flag, an option, a family...
 * False: it stands for none. */
bool number_of(const char *word, long *number);

/* --- libc's own, past the liar -------------------------------------------------------------------- */

struct sincere {
	int (*socket)(int, int, int);
	int (*bind)(int, const struct sockaddr *, socklen_t);
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*listen)(int, int);
	int (*accept)(int, struct sockaddr *, socklen_t *);
	int (*shutdown)(int, int);
	int (*close)(int);
	int (*dup)(int);
	int (*dup2)(int, int);
	int (*sockatmark)(int);
	int (*getsockname)(int, struct sockaddr *, socklen_t *);
	int (*getpeername)(int, struct sockaddr *, socklen_t *);
	int (*getsockopt)(int, int, int, void *, socklen_t *);
	int (*setsockopt)(int, int, int, const void *, socklen_t);
	ssize_t (*read)(int, void *, size_t);
	ssize_t (*readv)(int, const struct iovec *, int);
	ssize_t (*recv)(int, void *, size_t, int);
	ssize_t (*recvfrom)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
	ssize_t (*recvmsg)(int, struct msghdr *, int);
	ssize_t (*write)(int, const void *, size_t);
	ssize_t (*writev)(int, const struct iovec *, int);
	ssize_t (*send)(int, const void *, size_t, int);
	ssize_t (*sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	ssize_t (*sendmsg)(int, const struct msghdr *, int);
	int (*fcntl)(int, int, ...);
	int (*ioctl)(int, unsigned long, ...);
	int (*poll)(struct pollfd *, nfds_t, int);
	int (*select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
	off_t (*lseek)(int, off_t, int);
	int (*open)(const char *, int, ...);
	int (*unlink)(const char *);
	int (*stat)(const char *, struct stat *);
	int (*fgetc)(FILE *);
	long (*ftell)(FILE *);
	int (*inet_pton)(int, const char *, void *);
	const char *(*inet_ntop)(int, const void *, char *, socklen_t);
	int (*inet_aton)(const char *, struct in_addr *);
	in_addr_t (*inet_addr)(const char *);
	in_addr_t (*inet_network)(const char *);
	char *(*inet_ntoa)(struct in_addr);
	in_addr_t (*inet_lnaof)(struct in_addr);
	in_addr_t (*inet_netof)(struct in_addr);
	uint32_t (*htonl)(uint32_t);
	uint32_t (*ntohl)(uint32_t);
	uint16_t (*htons)(uint16_t);
	uint16_t (*ntohs)(uint16_t);
	void *(*memset)(void *, int, size_t);
	void *(*memcpy)(void *, const void *, size_t);
	int (*memcmp)(const void *, const void *, size_t);
	void (*bzero)(void *, size_t);
	void (*bcopy)(const void *, void *, size_t);
	int (*bcmp)(const void *, const void *, size_t);
};
extern struct sincere sincere;

#endif
