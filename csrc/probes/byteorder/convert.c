/* SPDX-License-Identifier: Apache-2.0 */
/* One of htonl(), htons(), ntohl() and ntohs() of chosen values, and of all or a million of them. */
#include "kit.h"

#include <arpa/inet.h>

/* To network order: the result's bytes as they lie in memory. */
#define TO_NETWORK(name, type, call)                                                               \
	static void name(uint32_t value, unsigned char *result)                                    \
	{                                                                                          \
		type converted = call((type)value);                                                \
                                                                                                   \
		memcpy(result, &converted, sizeof converted);                                      \
	}

/* To host order, of a value whose bytes lie in memory with the highest first: the number that comes
 * out, told with the highest byte first, which needs no knowledge of this host's order. */
#define TO_HOST(name, type, call)                                                                  \
	static void name(uint32_t value, unsigned char *result)                                    \
	{                                                                                          \
		type network, host;                                                                \
                                                                                                   \
		highest_first(value, result, sizeof network);                                      \
		memcpy(&network, result, sizeof network);                                          \
		host = call(network);                                                              \
		highest_first(host, result, sizeof host);                                          \
	}

static void highest_first(uint32_t value, unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> 8 * (size - 1 - i));
}

/* As a program writes them, where they may be macros; and as functions. */
TO_NETWORK(htonl_written, uint32_t, htonl)
TO_NETWORK(htonl_function, uint32_t, (htonl))
TO_NETWORK(htons_written, uint16_t, htons)
TO_NETWORK(htons_function, uint16_t, (htons))
TO_HOST(ntohl_written, uint32_t, ntohl)
TO_HOST(ntohl_function, uint32_t, (ntohl))
TO_HOST(ntohs_written, uint16_t, ntohs)
TO_HOST(ntohs_function, uint16_t, (ntohs))

static const struct conversion {
	const char *name;
	size_t size;
	void (*written)(uint32_t, unsigned char *);
	void (*function)(uint32_t, unsigned char *);
} conversions[] = {
	{"htonl", 4, htonl_written, htonl_function},
	{"htons", 2, htons_written, htons_function},
	{"ntohl", 4, ntohl_written, ntohl_function},
	{"ntohs", 2, ntohs_written, ntohs_function},
};

static const struct conversion *conversion(void)
{
	for (size_t i = 0; i < sizeof conversions / sizeof conversions[0]; i++) {
		if (variant_is("call", conversions[i].name))
			return &conversions[i];
	}
	fault("no such conversion: %s", variant("call"));
}

int main(int argc, char **argv)
{
	static const uint32_t values[] = {
		0x0102,	  0x01020304, 0,	  1,	      0x80,
		0xff,	  0x100,      0x8000,	  0xff00,     0xffff,
		0x010203, 0x00ff0000, 0x7f000001, 0x80000000, 0xffffffff,
	};
	const struct conversion *this;
	void (*convert)(uint32_t, unsigned char *);

	probe_begin(argc, argv);
	this = conversion();
	convert = variant_is("form", "function") ? this->function : this->written;
	step("chosen");
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (this->size == 4 || values[i] <= 0xffff)
			see_run(this->name, values[i], 0, 1, this->size, convert);
	}
	step("low");
	see_run(this->name, 0, 1, 65536, this->size, convert);
	if (this->size == 2)
		return probe_end();
	step("spread"); /* over all of the 32 bits */
	see_run(this->name, 0, 4293, 1000459, this->size, convert);
	return probe_end();
}
