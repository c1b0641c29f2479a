/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are converted to network order, and back. */
#include "kit.h"

#include <arpa/inet.h>

/* The functions; their names, where they are followed by arguments, may be macros. */
static uint32_t (*volatile call_htonl)(uint32_t) = htonl;
static uint32_t (*volatile call_ntohl)(uint32_t) = ntohl;
static uint16_t (*volatile call_htons)(uint16_t) = htons;
static uint16_t (*volatile call_ntohs)(uint16_t) = ntohs;

/* The number that comes out, the highest byte first. */
static void highest_first(uint32_t value, unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> 8 * (size - 1 - i));
}

static void long_written(uint32_t value, unsigned char *result)
{
	highest_first(ntohl(htonl(value)), result, 4);
}

static void long_function(uint32_t value, unsigned char *result)
{
	highest_first(call_ntohl(call_htonl(value)), result, 4);
}

static void short_written(uint32_t value, unsigned char *result)
{
	highest_first(ntohs(htons((uint16_t)value)), result, 2);
}

static void short_function(uint32_t value, unsigned char *result)
{
	highest_first(call_ntohs(call_htons((uint16_t)value)), result, 2);
}

int main(int argc, char **argv)
{
	bool function;

	probe_begin(argc, argv);
	function = variant_is("form", "function");
	step("16 bits");
	see_run("ntohs", 0, 1, 65536, 2, function ? short_function : short_written);
	step("32 bits");
	see_run("ntohl", 0, 1, 65536, 4, function ? long_function : long_written);
	step("32 bits, spread");
	see_run("ntohl", 0, 4293, 1000459, 4, function ? long_function : long_written);
	return probe_end();
}
