/* SPDX-License-Identifier: Apache-2.0 */
/* socket() that is told something wrong. */
#include "faults.h"

static void domain_unknown(struct told *told)
{
	told->domain = 9999;
}

static void domain_negative(struct told *told)
{
	told->domain = -1;
}

static void domain_unspec(struct told *told)
{
	told->domain = AF_UNSPEC;
}

/* SOCK_SEQPACKET would not do: SCTP has it, where there is SCTP. */
static void type_of_no_protocol(struct told *told)
{
	told->type = SOCK_RDM;
}

/* Set together with SOCK_CLOEXEC and the like, which share the argument with the type. */
static void type_flag_unknown(struct told *told)
{
	told->type |= 1 << 30;
}

/* For experiments and testing (RFC 3692): a number that may be used and that nobody supports. */
static void protocol_unsupported(struct told *told)
{
	told->protocol = 253;
}

static void protocol_unknown(struct told *told)
{
	told->protocol = 9999;
}

static void protocol_negative(struct told *told)
{
	told->protocol = -1;
}

static void protocol_of_another_type(struct told *told)
{
	told->protocol = told->type == SOCK_STREAM ? IPPROTO_UDP : IPPROTO_TCP;
}

static void raw(struct told *told)
{
	told->type = SOCK_RAW;
	told->protocol = told->domain == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

static const struct fault faults[] = {
	{"domain_unknown", domain_unknown, NULL},
	{"domain_negative", domain_negative, NULL},
	{"domain_unspec", domain_unspec, NULL},
	{"type_of_no_protocol", type_of_no_protocol, NULL},
	{"type_flag_unknown", type_flag_unknown, NULL},
	{"protocol_unsupported", protocol_unsupported, NULL},
	{"protocol_unknown", protocol_unknown, NULL},
	{"protocol_negative", protocol_negative, NULL},
	{"protocol_of_another_type", protocol_of_another_type, NULL},
	{"raw", raw, NULL},
};

static struct told right(void)
{
	struct told told = told_of(-1);

	told.domain = family();
	told.type = type();
	return told;
}

int main(int argc, char **argv)
{
	static const struct subject subject = {"socket", right, NULL, faults, FAULTS(faults)};

	probe_begin(argc, argv);
	show_faults(&subject);
	return probe_end();
}
