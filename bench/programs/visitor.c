// A visitor with a stopwatch: connect, GET, first byte. The same few lines time a front door, whoever's, and the bare floor, where this
// program starts the server itself at the moment the visitor comes.
//
//   visitor PROGRAM ARGUMENT…
//
// Reads one measurement a line from stdin and answers each with a line: microseconds, or `failed WHAT`.
//
//   visit PORT HOST       a visitor of 127.0.0.1:PORT
//   crowd PORT HOST N     N visitors at once, until the last one's first byte
//   inherited             PROGRAM with an inherited listening socket (as systemd-socket-activate(1)), LISTEN_FDS=1 in its environment
//   bound PORT            PROGRAM that binds PORT by itself (PORT in its environment); who is refused knocks again at once
//
// PROGRAM gets this program's environment; after each floor it is killed and waited for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 10, MOST_VISITORS = 1000, KNOCK_EVERY_NS = 50 * 1000 };

static const char *failure; // what the last measurement failed at

static double microseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static struct sockaddr_in loopback(int port) {
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int new_socket(void) {
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

// Connects, and asks for the host's first page; -1 where it could not.
static int arrive(int port, const char *host) {
	char request[512];
	int length = snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	struct sockaddr_in address = loopback(port);
	int fd = new_socket();
	failure = NULL;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) failure = "connect";
	else if (write(fd, request, length) != length) failure = "write";
	if (failure) close(fd), fd = -1;
	return fd;
}

// 0 where the first bytes of a 200 answer came.
static int leave(int fd) {
	char bytes[4096];
	if (read(fd, bytes, sizeof bytes) < 12) failure = "read";
	else if (memcmp(bytes + 8, " 200", 4) != 0) failure = "status";
	return close(fd), failure ? -1 : 0;
}

static double visit(int port, const char *host, int visitors) {
	static int fds[MOST_VISITORS];
	if (visitors < 1 || visitors > MOST_VISITORS) return failure = "too many visitors", -1;
	double began = microseconds();
	int arrived = 0, failed = 0;
	while (arrived < visitors && (fds[arrived] = arrive(port, host)) >= 0) arrived++;
	failed = arrived < visitors;
	for (int i = 0; i < arrived; i++) {
		if (leave(fds[i]) < 0) failed = 1;
	}
	return failed ? -1 : microseconds() - began;
}

static void finish(pid_t server) {
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static double inherited(char **program) {
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof address;
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listening, (struct sockaddr *)&address, length) < 0 || listen(listening, 16) < 0
		|| getsockname(listening, (struct sockaddr *)&address, &length) < 0) {
		return failure = "listen", close(listening), -1;
	}
	double began = microseconds();
	pid_t server = fork();
	if (server == 0) {
		setenv("LISTEN_FDS", "1", 1);
		// dup2 onto itself would leave FD_CLOEXEC set.
		if (listening == 3) listening = dup(3);
		dup2(listening, 3);
		execv(program[0], program);
		_exit(127);
	}
	double took = server > 0 && visit(ntohs(address.sin_port), "bare", 1) > 0 ? microseconds() - began : -1;
	if (server > 0) finish(server);
	close(listening);
	return took;
}

static double bound(int port, char **program) {
	char text[16];
	snprintf(text, sizeof text, "%d", port);
	double began = microseconds(), took = -1;
	pid_t server = fork();
	if (server == 0) {
		setenv("PORT", text, 1);
		execv(program[0], program);
		_exit(127);
	}
	if (server < 0) return failure = "fork", -1;
	do {
		if (visit(port, "bare", 1) > 0) took = microseconds() - began;
		else nanosleep(&(struct timespec){.tv_nsec = KNOCK_EVERY_NS}, NULL);
	} while (took < 0 && errno == ECONNREFUSED && microseconds() - began < PATIENCE_SECONDS * 1e6);
	finish(server);
	return took;
}

int main(int argc, char **argv) {
	if (argc < 2) return fputs("visitor PROGRAM ARGUMENT…\n", stderr), 2;
	prctl(PR_SET_TIMERSLACK, 1);
	char line[512], host[256];
	while (fgets(line, sizeof line, stdin)) {
		int port, visitors = 1;
		double took = -1;
		errno = 0, failure = NULL;
		if (sscanf(line, "visit %d %255s", &port, host) == 2) took = visit(port, host, 1);
		else if (sscanf(line, "crowd %d %255s %d", &port, host, &visitors) == 3) took = visit(port, host, visitors);
		else if (!strcmp(line, "inherited\n")) took = inherited(argv + 1);
		else if (sscanf(line, "bound %d", &port) == 1) took = bound(port, argv + 1);
		else failure = "no such measurement";
		if (took < 0) printf("failed %s: %s\n", failure ? failure : "fork", strerror(errno));
		else printf("%.1f\n", took);
		fflush(stdout);
	}
	return 0;
}
