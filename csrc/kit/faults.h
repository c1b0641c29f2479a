/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that are told something wrong: what the probes of errors/ are written with.
 *
 * Such a probe has a call that is right, and faults, each of which makes one thing about that call
 * wrong.  The variant names the faults (wrong=closed,huge); show_faults() makes of each four steps:
 *
 *   closed: before      what the socket is like
 *   closed              the call with the fault
 *   closed: after       what the socket is like now
 *   closed: without it  the same call, right
 */
#ifndef SOCKSPEC_FAULTS_H
#define SOCKSPEC_FAULTS_H

#include "kit.h"

/* What a pointer argument is unless a fault says otherwise: memory of the kit's own, which is filled
 * before the call and looked at after it. */
extern unsigned char ordinary[1];

/* The arguments of a call; each function takes those that it has. */
struct told {
	int domain;	  /* of socket() */
	int type;	  /* of socket() */
	int protocol;	  /* of socket() */
	int fd;		  /* -1 for socket() */
	int number;	  /* listen()'s backlog, shutdown()'s how, fcntl()'s command */
	struct name name; /* the address, or with its length the room for one; length 0: none */
	size_t size;	  /* of the data, in bytes */
	int parts;	  /* how many buffers; the data is in the first two, or in the only one */
	int flags;	  /* MSG_... */
	void *address;
	void *length; /* where the address's length is */
	void *data;
	void *vector; /* of the parts */
	void *message;
};

/* A right call on a socket: no address, two parts, ordinary pointers. */
struct told told_of(int fd);

/* Makes the call of this name, and logs it whole.  A libc that looks by itself where a wrong pointer
 * points may die there: the call then has the result -1, "errno 0", and the signal's name. */
ssize_t see_told(const char *name, const struct told *told);

/* Memory that a wrong pointer points to: a page that cannot be accessed, one that can only be read,
 * and the last `inside` bytes before one that cannot be accessed, with `bytes` in them. */
void *inaccessible(void);
void *read_only(void);
void *cut_off(const void *bytes, size_t inside);

/* An AF_UNIX address with a path, which need not exist. */
struct name path_name(const char *path);

struct fault {
	const char *name;
	void (*make)(struct told *told);
	/* Takes back what would be wrong with the right call, too; may be NULL. */
	void (*mend)(const struct told *right);
};

struct subject {
	const char *function;
	/* Makes sockets and arguments for a call that succeeds. */
	struct told (*right)(void);
	/* What else is to be seen of a call's effect, after it, wrong or right; may be NULL. */
	void (*look)(bool wrong);
	/* The function's own faults.  Those of descriptors, pointers, lengths, families and paths are the
	 * same for all functions; the kit has them. */
	const struct fault *faults;
	size_t count;
};
#define FAULTS(table) (sizeof(table) / sizeof((table)[0]))

/* The variant's faults, one after the other; each with its own socket. */
void show_faults(const struct subject *subject);

#endif
