// A load of WebSocket echoes: CONNECTIONS visitors who each send a message, wait until it has come back, check it, and send the next.
//
//   wsload ADDRESS PORT HOST PATH CONNECTIONS SECONDS
//
// Messages are 64 bytes in one binary frame. Prints `echoes N seconds S failed F` and ends by itself; the clock starts when all
// connections are upgraded.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD = 64, MOST_CONNECTIONS = 10000, MOST_SECONDS = 60, PATIENCE_SECONDS = 10, EVENTS = 256 };

struct visitor {
	int fd;
	size_t got;
	uint64_t number; // of the message on its way
	unsigned char bytes[2 + PAYLOAD];
};

static long echoes, failed;

static double seconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

// Connects and upgrades; the socket, or -1.
static int enter(const struct sockaddr_in *address, const char *host, const char *path) {
	char bytes[2048];
	int length = snprintf(bytes, sizeof bytes,
		"GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path, host);
	struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, got = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 || write(fd, bytes, length) != length) return -1;
	// The server says nothing of its own accord, so the head is all that comes.
	do {
		ssize_t n = read(fd, bytes + got, sizeof bytes - 1 - got);
		if (n <= 0) return -1;
		bytes[got += n] = 0;
	} while (strstr(bytes, "\r\n\r\n") == NULL);
	// The answer to the sample nonce of RFC 6455 §1.3.
	if (strncmp(bytes + 8, " 101", 4) != 0 || strstr(bytes, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == NULL) return -1;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static int send_next(struct visitor *v) {
	static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	unsigned char frame[6 + PAYLOAD] = {0x82, 0x80 | PAYLOAD};
	v->number++;
	memcpy(frame + 2, mask, 4);
	memcpy(frame + 6, &v->number, sizeof v->number);
	for (int i = 0; i < PAYLOAD; i++) frame[6 + i] ^= mask[i % 4];
	return write(v->fd, frame, sizeof frame) == sizeof frame;
}

// False where the connection broke or another message came than was sent.
static int receive(struct visitor *v) {
	ssize_t n = read(v->fd, v->bytes + v->got, sizeof v->bytes - v->got);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
	if (n <= 0) return 0;
	v->got += n;
	if (v->got < sizeof v->bytes) return 1;
	if (v->bytes[0] != 0x82 || v->bytes[1] != PAYLOAD || memcmp(v->bytes + 2, &v->number, sizeof v->number) != 0) return 0;
	v->got = 0;
	echoes++;
	return send_next(v);
}

int main(int argc, char **argv) {
	if (argc != 7) return fputs("wsload ADDRESS PORT HOST PATH CONNECTIONS SECONDS\n", stderr), 2;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
	int count = atoi(argv[5]), wanted = atoi(argv[6]);
	if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1 || ntohl(address.sin_addr.s_addr) >> 24 != 127)
		return fputs("wsload: not an address of the loopback\n", stderr), 2;
	if (count < 1 || count > MOST_CONNECTIONS || wanted < 1 || wanted > MOST_SECONDS)
		return fputs("wsload: too many connections or seconds\n", stderr), 2;
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);

	struct visitor *visitors = calloc(count, sizeof *visitors);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &visitors[i]};
		visitors[i].fd = enter(&address, argv[3], argv[4]);
		if (visitors[i].fd < 0) return fprintf(stderr, "wsload: connection %d was not upgraded: %s\n", i, strerror(errno)), 1;
		epoll_ctl(epoll, EPOLL_CTL_ADD, visitors[i].fd, &event);
	}
	double began = seconds(), until = began + wanted, now;
	for (int i = 0; i < count; i++) failed += !send_next(&visitors[i]);
	while ((now = seconds()) < until) {
		struct epoll_event events[EVENTS];
		int ready = epoll_wait(epoll, events, EVENTS, (int)((until - now) * 1000) + 1);
		for (int i = 0; i < ready; i++) {
			struct visitor *v = events[i].data.ptr;
			if (receive(v)) continue;
			failed++;
			close(v->fd);
		}
	}
	printf("echoes %ld seconds %.3f failed %ld\n", echoes, now - began, failed);
	return 0;
}
