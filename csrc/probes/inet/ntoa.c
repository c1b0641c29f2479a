/* SPDX-License-Identifier: Apache-2.0 */
/* inet_ntoa() of chosen addresses, of every value of each byte, and of addresses spread over all. */
#include "kit.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { TEXT = 16 };

/* The text, with zeros behind it. */
static void convert(uint32_t value, unsigned char *result)
{
	struct in_addr address;
	const char *text;

	for (int i = 0; i < 4; i++)
		((unsigned char *)&address)[i] = (unsigned char)(value >> 8 * (3 - i));
	text = inet_ntoa(address);
	memset(result, 0, TEXT);
	snprintf((char *)result, TEXT, "%s", text ? text : "NULL");
}

int main(int argc, char **argv)
{
	static const unsigned char addresses[][4] = {
		{0, 0, 0, 0},	 {127, 0, 0, 1},       {192, 0, 2, 1},	     {1, 10, 100, 255},
		{9, 99, 199, 0}, {255, 255, 255, 255}, {165, 165, 165, 165}, {224, 0, 0, 1},
	};

	probe_begin(argc, argv);
	step("chosen");
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
		see_inet_ntoa(addresses[i]);
	step("every byte");
	for (int place = 0; place < 4; place++)
		see_run("inet_ntoa", 0, (uint32_t)1 << 8 * place, 256, TEXT, convert);
	step("spread");
	see_run("inet_ntoa", 0, 1000003, 4294, TEXT, convert);
	return probe_end();
}
