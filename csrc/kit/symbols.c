/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers cross the boundary as names: their values differ between targets. */
#include "internal.h"

#include <stdio.h>

const char *symbol_of(const struct symbol *table, size_t count, long value)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].value == value)
			return table[i].name;
	}
	return NULL;
}

void flags_text(char *text, size_t size, const struct symbol *table, size_t count, long value)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++) {
		if (!table[i].value || (value & table[i].value) != table[i].value)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "|" : "",
					 table[i].name);
		value &= ~table[i].value;
	}
	if ((value || !used) && used < size)
		snprintf(text + used, size - used, value ? "%s0x%lx" : "%s%lx", used ? "|" : "",
			 (unsigned long)value);
}

static const struct symbol families[] = {
	SYMBOL(AF_UNSPEC), SYMBOL(AF_UNIX),    SYMBOL(AF_INET), SYMBOL(AF_INET6),
	SYMBOL(AF_PACKET), SYMBOL(AF_NETLINK), SYMBOL(AF_KEY),
};

const char *family_name(int family)
{
	static _Thread_local char other[16];
	const char *name = symbol_of(families, COUNT(families), family);

	if (name)
		return name;
	snprintf(other, sizeof other, "%d", family);
	return other;
}

static const struct symbol message_flags[] = {
	SYMBOL(MSG_OOB),      SYMBOL(MSG_PEEK),	    SYMBOL(MSG_DONTROUTE),    SYMBOL(MSG_CTRUNC),
	SYMBOL(MSG_TRUNC),    SYMBOL(MSG_DONTWAIT), SYMBOL(MSG_EOR),	      SYMBOL(MSG_WAITALL),
	SYMBOL(MSG_NOSIGNAL), SYMBOL(MSG_MORE),	    SYMBOL(MSG_CMSG_CLOEXEC), SYMBOL(MSG_ERRQUEUE),
	SYMBOL(MSG_CONFIRM),
#ifdef MSG_FASTOPEN
	SYMBOL(MSG_FASTOPEN),
#endif
};

void message_flags_text(char *text, size_t size, int flags)
{
	flags_text(text, size, message_flags, COUNT(message_flags), flags);
}

/* POSIX.1-2024 <errno.h> and what Linux adds for sockets.  Where two names share a value the first
 * in the table is used, which is the name POSIX prefers: EAGAIN, ENOTSUP after EOPNOTSUPP. */
static const struct symbol errors[] = {
	SYMBOL(E2BIG),		 SYMBOL(EACCES),       SYMBOL(EADDRINUSE),
	SYMBOL(EADDRNOTAVAIL),	 SYMBOL(EAFNOSUPPORT), SYMBOL(EAGAIN),
	SYMBOL(EALREADY),	 SYMBOL(EBADF),	       SYMBOL(EBADMSG),
	SYMBOL(EBUSY),		 SYMBOL(ECANCELED),    SYMBOL(ECHILD),
	SYMBOL(ECONNABORTED),	 SYMBOL(ECONNREFUSED), SYMBOL(ECONNRESET),
	SYMBOL(EDEADLK),	 SYMBOL(EDESTADDRREQ), SYMBOL(EDOM),
	SYMBOL(EDQUOT),		 SYMBOL(EEXIST),       SYMBOL(EFAULT),
	SYMBOL(EFBIG),		 SYMBOL(EHOSTUNREACH), SYMBOL(EIDRM),
	SYMBOL(EILSEQ),		 SYMBOL(EINPROGRESS),  SYMBOL(EINTR),
	SYMBOL(EINVAL),		 SYMBOL(EIO),	       SYMBOL(EISCONN),
	SYMBOL(EISDIR),		 SYMBOL(ELOOP),	       SYMBOL(EMFILE),
	SYMBOL(EMLINK),		 SYMBOL(EMSGSIZE),     SYMBOL(ENAMETOOLONG),
	SYMBOL(ENETDOWN),	 SYMBOL(ENETRESET),    SYMBOL(ENETUNREACH),
	SYMBOL(ENFILE),		 SYMBOL(ENOBUFS),      SYMBOL(ENODEV),
	SYMBOL(ENOENT),		 SYMBOL(ENOEXEC),      SYMBOL(ENOLCK),
	SYMBOL(ENOMEM),		 SYMBOL(ENOMSG),       SYMBOL(ENOPROTOOPT),
	SYMBOL(ENOSPC),		 SYMBOL(ENOSYS),       SYMBOL(ENOTCONN),
	SYMBOL(ENOTDIR),	 SYMBOL(ENOTEMPTY),    SYMBOL(ENOTSOCK),
	SYMBOL(EOPNOTSUPP),	 SYMBOL(ENOTSUP),      SYMBOL(ENOTTY),
	SYMBOL(ENXIO),		 SYMBOL(EOVERFLOW),    SYMBOL(EPERM),
	SYMBOL(EPIPE),		 SYMBOL(EPROTO),       SYMBOL(EPROTONOSUPPORT),
	SYMBOL(EPROTOTYPE),	 SYMBOL(ERANGE),       SYMBOL(EROFS),
	SYMBOL(ESPIPE),		 SYMBOL(ESRCH),	       SYMBOL(ESTALE),
	SYMBOL(ETIMEDOUT),	 SYMBOL(ETXTBSY),      SYMBOL(EWOULDBLOCK),
	SYMBOL(EXDEV),
#ifdef ESOCKTNOSUPPORT
	SYMBOL(ESOCKTNOSUPPORT),
#endif
#ifdef EPFNOSUPPORT
	SYMBOL(EPFNOSUPPORT),
#endif
#ifdef ESHUTDOWN
	SYMBOL(ESHUTDOWN),
#endif
#ifdef EHOSTDOWN
	SYMBOL(EHOSTDOWN),
#endif
#ifdef ENONET
	SYMBOL(ENONET),
#endif
#ifdef ENOPKG
	SYMBOL(ENOPKG),
#endif
};

const char *errno_name(int error)
{
	static _Thread_local char other[24];
	const char *name = symbol_of(errors, COUNT(errors), error);

	if (name)
		return name;
	snprintf(other, sizeof other, "errno %d", error);
	return other;
}
