/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent: runs jobs on the target and streams their records.
 *
 * agent (one process)  reads job lines, keeps up to N jobs running, writes whole record lines
 *   keeper (a job's)   makes the stage, captures packets, runs the probe, composes the record
 *     probe            the program under the kit
 *
 * Each keeper is the first process of a PID namespace of its own: when it ends, for whatever
 * reason, everything it started ends, and the namespaces, devices and files go with it.
 */
#ifndef SOCKSPEC_AGENT_H
#define SOCKSPEC_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* --- text that grows, for JSON ---------------------------------------------------------------- */

struct text {
	char *bytes;
	size_t used;
	size_t room;
};

/* All of these end the process when memory runs out: a keeper's end is a job lost, and said. */
void text_add(struct text *text, const void *bytes, size_t size);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_byte(struct text *text, char byte);
/* A JSON string; bytes that are not ASCII are escaped as if they were Latin-1. */
void text_quoted(struct text *text, const void *bytes, size_t size);
void text_string(struct text *text, const char *string);
void text_free(struct text *text);

/* Whether the bytes are one JSON object, in UTF-8, not too deep, and without line breaks. */
bool json_is_object(const char *bytes, size_t size);

/* --- jobs ------------------------------------------------------------------------------------- */

enum { JOB_WORDS = 40, JOB_LINE = 1024 };

enum stage_kind { STAGE_LO, STAGE_PAIR, STAGE_WIRE, STAGE_HOST, STAGE_COUNT };
extern const char *const stage_names[STAGE_COUNT];

struct job {
	char key[JOB_LINE]; /* the line as it came */
	char line[JOB_LINE];
	const char *probe;
	enum stage_kind stage;
	char *variant[JOB_WORDS]; /* NAME=VALUE, without the lie */
	size_t variants;
	const char *lie; /* the rule of `lie=RULE`, or NULL: the truth */
};

/* NULL, or what is wrong with the line. */
const char *job_parse(struct job *job, const char *line);

/* How the scripted peer is joined to the near host: by TUN, and by veth where that is not open; or by the
 * one that is asked for. */
enum wire_kind { WIRE_ANY, WIRE_VETH, WIRE_TUN };

struct settings {
	const char *probes; /* folder of the probes, absolute */
	const char *liar;   /* the library that lies to probes, absolute; NULL: there is none */
	unsigned parallel;
	unsigned limit_ms;
	uid_t uid; /* the agent's own, before any namespace */
	gid_t gid;
	bool user_namespaces; /* whether a namespace may be made as an ordinary user */
	enum wire_kind wire;
};

/* --- the stage ---------------------------------------------------------------------------------- */

/* The device on which a relay shows its host to the witness, of the name that the near host's has.  It leads
 * nowhere. */
struct outer {
	int in_fd;  /* what is written here comes in: a packet socket (veth), or the device's own */
	int out_fd; /* what is sent here goes out: a packet socket */
	int index;
};

struct stage {
	enum stage_kind kind;
	int near_fd; /* its network namespaces, or -1 */
	int far_fd;
	int peer_fd;	    /* wire: what the scripted peer reads and writes, or -1 */
	bool peer_ether;    /* its packets have an Ethernet header */
	struct outer outer; /* wire with a relay: what it shows of its host ... */
	int outer_net;	    /* ... in this namespace, or -1 */
	int tap_fd;	    /* what the near host sends */
	int inner_fd;	    /* its end of the near host's link, for what is sent there */
	bool inner_ether;   /* packets there have an Ethernet header */
	int relay_fd;	    /* the peer is at the other end of it */
	char folder[96];    /* the job's own, empty; goes with the stage */
	char why[256];	    /* what failed */
};

/* Flags for clone() that a stage needs; 0 for host. */
int stage_clone_flags(const struct settings *settings, enum stage_kind kind);

/* In the keeper: maps the user, mounts, makes links and addresses.  `folder` is where the job's folder
 * shall be on host, or NULL for none.  False: stage->why says why. */
bool stage_make(struct stage *stage, enum stage_kind kind, const char *folder,
		const struct settings *settings);

/* Parts the near host from the peer, for a relay to stand between them.  False: stage->why says why. */
bool stage_part(struct stage *stage);

/* On host no namespace takes the folder with it: the agent names it, the keeper makes it, and whoever
 * of the two lives longer removes it.  False: the name is too long; the folder is not gone yet. */
bool host_folder_name(char *path, size_t size);
bool host_folder_remove(const char *path);

/* Brings up loopback and the link, with addresses and routes; false with `why` filled in. */
bool link_make_lo(char *why, size_t size);
bool link_make_pair(int near_fd, int far_fd, char *why, size_t size);

/* The near host, and at the other end of its link no host but a socket: the scripted peer's, which
 * sees each frame and sends what it likes.  Returns it, or -1 with `why` filled in. */
int link_make_wire(int near_fd, int far_fd, char *why, size_t size);

/* The same with a TUN device, whose descriptor takes the place of the link's other end: packets without an
 * Ethernet header. */
int link_make_tun(char *why, size_t size);

/* Makes it in this namespace, which is net_fd's, by veth (ether) or TUN. */
bool link_make_outer(bool ether, int net_fd, struct outer *outer, char *why, size_t size);

/* --- the witness ---------------------------------------------------------------------------------- */

struct capture {
	int fd;
	int stamps;    /* from a relay: when each packet was sent, or -1 */
	int stamps_in; /* the relay's end */
	int64_t t0;
	struct text packets; /* JSON objects with commas between */
	unsigned count;
	unsigned lost;
};

/* Opens a capture of the stage's near host, or of what its relay shows to the network; false: errno says
 * why. */
bool capture_open(struct capture *capture, int64_t t0, const struct stage *stage);
/* A socket that gets the packets of a device of this namespace, or of all (0), with their stamps; or -1. */
int capture_socket(int index);
/* Takes what has come so far. */
void capture_drain(struct capture *capture);
/* A last drain, and what the kernel dropped. */
void capture_finish(struct capture *capture);

/* Holds the kernel's packet time stamps switched on while the agent lives: switching them on takes
 * effect a while later.  Returns false where the system has none. */
bool capture_warm_up(void);

/* --- the relay -------------------------------------------------------------------------------------- */

/* NULL, or why the job's lie cannot be told on its stage. */
const char *relay_wrong(const struct job *job);
bool relay_wanted(const struct job *job);

/* Whether its program is beside the folder of the probes. */
bool relay_is_there(const char *probes);

/* Starts it: that it lied it says on log_fd, what fails on error_fd.  -1: `why` says why not, e.g. that it does
 * not understand the rule. */
struct relay_voice {
	int log_fd;
	int error_fd;
	int stamps_fd; /* where it tells the witness when packets were sent; -1: there is none */
	int64_t t0;
};
pid_t relay_start(const struct stage *stage, const struct job *job, const char *probes,
		  const struct relay_voice *voice, char *why, size_t size);

/* --- the keeper ------------------------------------------------------------------------------------ */

/* The keeper's whole life: runs the job, writes its record line to `out`.  `folder` is the job's on
 * the stage host. */
_Noreturn void keeper_main(const struct settings *settings, const struct job *job,
			   const char *folder, int out);

/* Makes a stage, and sees whether packets on it are stamped; writes what it found to `out`: an empty
 * line, or why the stage cannot be had, then the same for the witness. */
_Noreturn void keeper_try(const struct settings *settings, enum stage_kind kind, int out);

/* The record of a job that got no keeper, or lost it. */
void record_of_lost(struct text *record, const struct job *job, const char *why);

/* Closes all descriptors from this one on. */
void close_from(int first);

const char *probe_hash(const char *probe);

int64_t real_ns(void);
int64_t steady_ns(void);

#endif
