/* SPDX-License-Identifier: Apache-2.0 */
/* A SOCK_PACKET socket takes a frame from the link, and sends it again with other data. */
#include "kit.h"

#ifdef __linux__

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>

enum {
	HEADERS = ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr),
	ROOM = 2048,
	FRAMES_MAX = 32,
	PATIENCE_MS = 2000,
};

static int domain(void)
{
	return variant_is("domain", "packet") ? AF_PACKET : AF_INET;
}

/* packet(7): such a socket is bound to a device by its name. */
static struct name device_name(socklen_t length)
{
	struct name name = name_filled(0, length);
	struct sockaddr_pkt device = {
		.spkt_family = (unsigned short)domain(),
		.spkt_protocol = htons(ETH_P_IP),
	};

	memcpy(device.spkt_device, "near", sizeof "near");
	memcpy(name.bytes, &device, sizeof device);
	return name;
}

/* The first frame with these data, and what came before it. */
static void take_frame(int s, const unsigned char *data, unsigned char frame[HEADERS + SAID])
{
	for (int i = 0; i < FRAMES_MAX && see_poll(s, POLLIN, PATIENCE_MS) == 1; i++) {
		unsigned char bytes[ROOM];
		ssize_t size = must(recv(s, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK));

		see_receive(BY_RECV, s, ROOM, MSG_DONTWAIT);
		if (size != HEADERS + SAID || memcmp(bytes + HEADERS, data, SAID) != 0)
			continue;
		memcpy(frame, bytes, HEADERS + SAID);
		return;
	}
}

/* UDP over IPv4 needs no checksum (RFC 768), and the device need not have made one. */
static void change(unsigned char frame[HEADERS + SAID])
{
	memset(frame + HEADERS - sizeof(uint16_t), 0, sizeof(uint16_t));
	pattern_fill(frame + HEADERS, SAID, 0, 2);
}

int main(int argc, char **argv)
{
	unsigned char frame[HEADERS + SAID] = {0};
	unsigned char data[SAID];
	struct name receiver_name;
	struct name bound;
	struct name to;
	int receiver;
	int sender;
	int s;

	probe_begin(argc, argv);
	/* A frame on lo would come from an address that may not come in by a link (RFC 1122, 3.2.1.3 g). */
	if (strcmp(stage(), "pair") != 0)
		unavailable("a link to another host, which the stage pair gives", 0);
	receiver = open_bound(FAR, SOCK_DGRAM);
	sender = open_bound(NEAR, SOCK_DGRAM);
	receiver_name = name_of_socket(receiver);
	must(connect(sender, &receiver_name.any, receiver_name.length));
	bound = name_of_socket(sender);
	note_name("sender", &bound);
	note_name("receiver", &receiver_name);
	step("open");
	s = see_socket_privileged(NEAR, domain(), SOCK_PACKET, htons(ETH_P_ALL));
	if (s < 0)
		unsupported("SOCK_PACKET", errno);
	to = device_name(sizeof(struct sockaddr));
	see_bind(s, &to);
	step("a datagram");
	pattern_fill(data, sizeof data, 0, 1);
	see_speak(sender, 1);
	see_arrival(receiver, SAID);
	step("its frame");
	take_frame(s, data, frame);
	step("sent again");
	fence(NEAR);
	change(frame);
	to = device_name(sizeof(struct sockaddr_pkt));
	see_send(BY_SENDTO, s, frame, sizeof frame, 0, &to);
	see_poll(receiver, POLLIN, PATIENCE_MS);
	to = name_filled(0, sizeof to.storage);
	see_recvfrom(receiver, ROOM, MSG_DONTWAIT, &to);
	return probe_end();
}

#else

int main(int argc, char **argv)
{
	probe_begin(argc, argv);
	unsupported("SOCK_PACKET, which is Linux's", 0);
}

#endif
