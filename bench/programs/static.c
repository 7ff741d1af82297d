// A server that could hardly do less: 1 KiB to every GET, keep-alive, one thread. The bench's fast upstream, and the program with
// which a cold start shows what the front door adds. Binds 0.0.0.0:$PORT, serves fd 3 where LISTEN_FDS is set (the bare floor), or,
// where INETD is set, the one connection that is its stdin.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY = 1024, MOST_FDS = 65536, EVENTS = 256, READ = 16384 };

static const char end_of_head[] = "\r\n\r\n";
static unsigned char matched[MOST_FDS]; // by fd: how much of end_of_head its last bytes are
static char answer[BODY + 256];
static int answer_length;

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static int listening_socket(void) {
	if (getenv("LISTEN_FDS")) {
		fcntl(3, F_SETFL, fcntl(3, F_GETFL) | O_NONBLOCK);
		return 3;
	}
	const char *port = getenv("PORT");
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port ? atoi(port) : 0)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) fail("socket");
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
	if (listen(fd, 4096) < 0) fail("listen");
	return fd;
}

// How many heads end in these bytes. Requests have no bodies here.
static int heads(int fd, const char *bytes, ssize_t length) {
	int ended = 0;
	unsigned char at = matched[fd];
	for (ssize_t i = 0; i < length; i++) {
		if (bytes[i] == end_of_head[at]) at++;
		else at = bytes[i] == '\r';
		if (at == 4) ended++, at = 0;
	}
	matched[fd] = at;
	return ended;
}

static void serve(int fd) {
	char bytes[READ];
	ssize_t length = read(fd, bytes, sizeof bytes);
	if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (length <= 0) {
		close(fd);
		return;
	}
	for (int left = heads(fd, bytes, length); left > 0; left--) {
		// Only a visitor who reads nothing fills a socket's buffer with answers of 1 KiB; it is let go.
		if (write(fd, answer, answer_length) != answer_length) {
			close(fd);
			return;
		}
	}
}

static void welcome(int epoll, int listening) {
	int fd;
	while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		int on = 1;
		struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
		if (fd >= MOST_FDS || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		matched[fd] = 0;
	}
}

// inetd(8)'s way: one visitor, whose connection is stdin.
static void serve_stdin(void) {
	char bytes[READ];
	ssize_t length;
	while ((length = read(0, bytes, sizeof bytes)) > 0) {
		for (int left = heads(0, bytes, length); left > 0; left--) {
			if (write(0, answer, answer_length) != answer_length) return;
		}
	}
}

int main(void) {
	answer_length = snprintf(answer, sizeof answer,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", BODY);
	memset(answer + answer_length, 'x', BODY);
	answer_length += BODY;
	if (getenv("INETD")) return serve_stdin(), 0;

	int listening = listening_socket();
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listening, &event) < 0) fail("epoll");
	for (;;) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listening) welcome(epoll, listening);
			else serve(events[i].data.fd);
		}
	}
}
