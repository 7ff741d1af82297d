// What stands behind every proxy that is measured: one thread, keep-alive, as little work as possible. Binds 127.0.0.1:$PORT.
//
//   GET, HEAD /bytes/N    N bytes (1 MiB at most), always the same answer
//   GET, HEAD /bytes/N/…  the same with an ETag that no answer before had, as answers to different requests differ
//   GET /headers          the request's head, as it came
//   POST /echo            the body (64 KiB at most);  POST /sink  takes any body and answers `ok`
//   GET /ws               WebSocket (RFC 6455): every message comes back; one frame of 8 KiB at most
//
// Bodies have a Content-Length: a chunked request is answered 411. A request that says `Connection: close`, in these letters, has its
// connection closed behind its answer, which says so.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20, MOST_ECHO = 1 << 16, IN = 16384, EVENTS = 256, SCRATCH = 1 << 18 };

enum state { HEAD, SINK, ECHO, SOCKET };

struct connection {
	int fd;
	enum state state;
	int closing; // once the answer is sent
	size_t in_length;
	size_t body_left; // of the request
	size_t echo_length;
	const char *out; // what is left to send of the body of the answer
	size_t out_left;
	size_t head_sent, head_length;
	char head[512]; // of the answer
	char *echo;
	char in[IN + 1];
};

static char body[MOST_BYTES];
static char scratch[SCRATCH];
static int epoll;
static unsigned long etag;

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static uint32_t rotate(uint32_t x, int by) {
	return x << by | x >> (32 - by);
}

// SHA-1 (RFC 3174) of a message of one block less its padding: 55 bytes at most are one block, up to 119 two.
static void sha1(const char *message, size_t length, unsigned char digest[20]) {
	uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
	unsigned char padded[128] = {0};
	size_t total = length <= 55 ? 64 : 128;
	memcpy(padded, message, length);
	padded[length] = 0x80;
	for (int i = 0; i < 4; i++) padded[total - 1 - i] = length * 8 >> 8 * i;
	for (size_t block = 0; block < total; block += 64) {
		uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
		for (int i = 0; i < 16; i++) {
			const unsigned char *p = padded + block + 4 * i;
			w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
		}
		for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
		for (int i = 0; i < 80; i++) {
			uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
			uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
			uint32_t next = rotate(a, 5) + f + e + k + w[i];
			e = d, d = c, c = rotate(b, 30), b = a, a = next;
		}
		h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
	}
	for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

static void base64(const unsigned char *bytes, int length, char *text) {
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (int i = 0; i < length; i += 3) {
		int have = length - i < 3 ? length - i : 3;
		uint32_t three = bytes[i] << 16 | (have > 1 ? bytes[i + 1] << 8 : 0) | (have > 2 ? bytes[i + 2] : 0);
		for (int j = 0; j < 4; j++) *text++ = j <= have ? letters[three >> (18 - 6 * j) & 63] : '=';
	}
	*text = 0;
}

static void let_go(struct connection *c) {
	close(c->fd);
	free(c->echo);
	free(c);
}

// False where the connection broke.
static int flush(struct connection *c) {
	while (c->head_sent < c->head_length || c->out_left > 0) {
		struct iovec parts[2] = {
			{c->head + c->head_sent, c->head_length - c->head_sent},
			{(void *)c->out, c->out_left},
		};
		ssize_t sent = writev(c->fd, parts, 2);
		if (sent < 0) return errno == EAGAIN || errno == EINTR;
		size_t of_head = (size_t)sent < parts[0].iov_len ? (size_t)sent : parts[0].iov_len;
		c->head_sent += of_head;
		c->out += sent - of_head;
		c->out_left -= sent - of_head;
	}
	return 1;
}

static void answer(struct connection *c, const char *status, const char *bytes, size_t length, int with_body) {
	c->head_length = snprintf(c->head, sizeof c->head,
		"HTTP/1.1 %s\r\nContent-Type: text/plain\r\n%sContent-Length: %zu\r\n\r\n", status,
		c->closing ? "Connection: close\r\n" : "", length);
	c->head_sent = 0;
	c->out = bytes;
	c->out_left = with_body ? length : 0;
}

static void upgrade(struct connection *c, const char *head) {
	char accept[32], text[128];
	unsigned char digest[20];
	const char *key = strcasestr(head, "\r\nsec-websocket-key:");
	if (key == NULL) return answer(c, "400 Bad Request", "", 0, 0);
	key += 20;
	while (*key == ' ') key++;
	int length = snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)strcspn(key, " \r") % 32, key);
	sha1(text, length, digest);
	base64(digest, sizeof digest, accept);
	c->head_length = snprintf(c->head, sizeof c->head,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	c->head_sent = 0;
	c->state = SOCKET;
}

// Takes in one request's head, `length` long with its empty line, ended by a zero.
static void request(struct connection *c, const char *head, size_t length) {
	c->closing = memmem(head, length, "\r\nConnection: close\r\n", 21) != NULL;
	int is_head = strncmp(head, "HEAD ", 5) == 0;
	if (is_head || strncmp(head, "GET ", 4) == 0) {
		const char *path = head + (is_head ? 5 : 4);
		if (strncmp(path, "/bytes/", 7) == 0) {
			char *end;
			unsigned long count = strtoul(path + 7, &end, 10);
			answer(c, "200 OK", body, count < MOST_BYTES ? count : MOST_BYTES, !is_head);
			// In the place of the empty line, which it brings itself.
			if (*end == '/') c->head_length += sprintf(c->head + c->head_length - 2, "ETag: \"%016lx\"\r\n\r\n", ++etag) - 2;
			return;
		}
		if (strncmp(path, "/ws", 3) == 0) return upgrade(c, head);
		if (strncmp(path, "/headers", 8) == 0) {
			free(c->echo);
			c->echo = strdup(head);
			return answer(c, "200 OK", c->echo, length, !is_head);
		}
	}
	if (strncmp(head, "POST ", 5) == 0) {
		const char *field = strcasestr(head, "\r\ncontent-length:");
		if (field == NULL) return answer(c, "411 Length Required", "", 0, 0);
		c->body_left = strtoul(field + 17, NULL, 10);
		c->state = strncmp(head + 5, "/echo", 5) == 0 ? ECHO : SINK;
		c->echo_length = 0;
		if (c->state == ECHO && c->body_left <= MOST_ECHO) return (void)(c->echo = realloc(c->echo, MOST_ECHO));
		if (c->state == SINK) return;
		c->state = HEAD;
		return answer(c, "413 Content Too Large", "", 0, 0);
	}
	answer(c, "404 Not Found", "", 0, 0);
}

// Takes bytes of a request's body; gives how many were its.
static size_t take(struct connection *c, const char *bytes, size_t length) {
	size_t taken = length < c->body_left ? length : c->body_left;
	if (c->state == ECHO) {
		memcpy(c->echo + c->echo_length, bytes, taken);
		c->echo_length += taken;
	}
	c->body_left -= taken;
	if (c->body_left == 0) {
		if (c->state == ECHO) answer(c, "200 OK", c->echo, c->echo_length, 1);
		else answer(c, "200 OK", "ok", 2, 1);
		c->state = HEAD;
	}
	return taken;
}

// Sends back one frame, unmasked; gives its length, 0 where it is not whole yet, -1 where the connection is to be closed.
static ssize_t frame(struct connection *c, unsigned char *bytes, size_t length) {
	if (length < 2) return 0;
	size_t payload = bytes[1] & 127, at = 2;
	if (payload == 127 || !(bytes[1] & 128)) return -1;
	if (payload == 126) {
		if (length < 4) return 0;
		payload = bytes[2] << 8 | bytes[3], at = 4;
	}
	if (payload > IN / 2) return -1;
	if (length < at + 4 + payload) return 0;
	unsigned char out[IN];
	int opcode = bytes[0] & 15;
	memcpy(out, bytes, at);
	out[0] = opcode == 9 ? 0x8A : bytes[0];
	out[1] &= 127;
	for (size_t i = 0; i < payload; i++) out[at + i] = bytes[at + 4 + i] ^ bytes[at + i % 4];
	// Messages are small and each waits for the one before: only a visitor who reads nothing fills the socket's buffer.
	if (write(c->fd, out, at + payload) != (ssize_t)(at + payload) || opcode == 8) return -1;
	return at + 4 + payload;
}

// Works off what was read; false where the connection is to be closed.
static int work(struct connection *c) {
	size_t at = 0;
	while (at < c->in_length && c->out_left == 0 && c->head_sent == c->head_length) {
		if (c->state == SINK || c->state == ECHO) {
			at += take(c, c->in + at, c->in_length - at);
		} else if (c->state == SOCKET) {
			ssize_t length = frame(c, (unsigned char *)c->in + at, c->in_length - at);
			if (length < 0) return 0;
			if (length == 0) break;
			at += length;
		} else {
			const char *end = memmem(c->in + at, c->in_length - at, "\r\n\r\n", 4);
			if (end == NULL) break;
			size_t length = end + 4 - (c->in + at);
			char next = c->in[at + length];
			c->in[at + length] = 0;
			request(c, c->in + at, length);
			c->in[at + length] = next;
			at += length;
			if (c->state != HEAD && c->state != SOCKET && c->body_left == 0) take(c, "", 0);
		}
		if (!flush(c)) return 0;
	}
	memmove(c->in, c->in + at, c->in_length - at);
	c->in_length -= at;
	return at > 0 || c->in_length < IN;
}

static void serve(struct connection *c, uint32_t events) {
	int was_sending = c->out_left > 0 || c->head_sent < c->head_length;
	if (was_sending) {
		if (!flush(c) || (events & EPOLLERR)) return let_go(c);
	} else {
		int in_body = (c->state == SINK || c->state == ECHO) && c->in_length == 0;
		ssize_t length = in_body ? read(c->fd, scratch, SCRATCH) : read(c->fd, c->in + c->in_length, IN - c->in_length);
		if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
		if (length <= 0) return let_go(c);
		if (in_body) {
			size_t taken = take(c, scratch, length);
			// What follows a body is the next head, never the next body.
			if ((size_t)length - taken > IN) return let_go(c);
			memcpy(c->in, scratch + taken, c->in_length = length - taken);
			if (!flush(c)) return let_go(c);
		} else {
			c->in_length += length;
		}
	}
	if (!work(c)) return let_go(c);
	int sends = c->out_left > 0 || c->head_sent < c->head_length;
	if (c->closing && c->state == HEAD && !sends) return let_go(c);
	if (sends != was_sending) {
		struct epoll_event event = {.events = sends ? EPOLLOUT : EPOLLIN, .data.ptr = c};
		epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
	}
}

static void welcome(int listening) {
	int fd;
	while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		int on = 1;
		struct connection *c = calloc(1, sizeof *c);
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
		if (c == NULL || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
			free(c);
			close(fd);
			continue;
		}
		c->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	}
}

int main(void) {
	memset(body, 'x', sizeof body);
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	const char *port = getenv("PORT");
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port ? atoi(port) : 0)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
	if (listen(listening, 4096) < 0) fail("listen");
	epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listening, &event) < 0) fail("epoll");
	for (;;) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL) welcome(listening);
			else serve(events[i].data.ptr, events[i].events);
		}
	}
}
