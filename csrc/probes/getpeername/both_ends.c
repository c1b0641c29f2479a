/* SPDX-License-Identifier: Apache-2.0 */
/* getpeername() and getsockname() at both ends of a connection or an association. */
#include "kit.h"

int main(int argc, char **argv)
{
	struct link link;

	probe_begin(argc, argv);
	link = open_link(type());
	step("near");
	see_both_names(link.near);
	step("far");
	see_both_names(link.far);
	step("exchange");
	see_exchange(link.near, link.far, 1);
	step("near after the exchange");
	see_both_names(link.near);
	return probe_end();
}
