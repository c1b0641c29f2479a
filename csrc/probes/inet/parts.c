/* SPDX-License-Identifier: Apache-2.0 */
/* inet_lnaof() or inet_netof() of addresses of class A, B and C. */
#include "kit.h"

#include <arpa/inet.h>

static struct in_addr address_of(uint32_t value)
{
	struct in_addr address;

	for (int i = 0; i < 4; i++)
		((unsigned char *)&address)[i] = (unsigned char)(value >> 8 * (3 - i));
	return address;
}

/* The number, the highest byte first. */
static void number(uint32_t value, unsigned char *result)
{
	for (int i = 0; i < 4; i++)
		result[i] = (unsigned char)(value >> 8 * (3 - i));
}

static void local_part(uint32_t value, unsigned char *result)
{
	number(inet_lnaof(address_of(value)), result);
}

static void network_part(uint32_t value, unsigned char *result)
{
	number(inet_netof(address_of(value)), result);
}

static void see_local_part(const unsigned char *address, size_t size)
{
	(void)size;
	see_inet_lnaof(address);
}

static void see_network_part(const unsigned char *address, size_t size)
{
	(void)size;
	see_inet_netof(address);
}

int main(int argc, char **argv)
{
	bool local;

	probe_begin(argc, argv);
	local = variant_is("call", "inet_lnaof");
	step("chosen");
	each_bytes("address", local ? see_local_part : see_network_part);
	step("spread");
	see_run(variant("call"), 0, 1000003, 3758, 4, local ? local_part : network_part);
	return probe_end();
}
