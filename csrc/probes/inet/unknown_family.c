/* SPDX-License-Identifier: Apache-2.0 */
/* inet_pton() and inet_ntop() for families that have no such addresses, or that do not exist. */
#include "kit.h"

int main(int argc, char **argv)
{
	static const int families[] = {AF_UNSPEC, AF_UNIX, 0x7fff, -1};
	static const unsigned char address[16] = {192, 0, 2, 1};

	probe_begin(argc, argv);
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		see_inet_pton(families[i], "192.0.2.1");
		see_inet_pton(families[i], "2001:db8::1");
		see_inet_pton(families[i], "no address");
		see_inet_ntop(families[i], address, INET6_ADDRSTRLEN);
	}
	return probe_end();
}
