// A visitor with a stopwatch: connect, GET, first byte. The same few lines time both the front door and the bare floor, where this
// program starts the server itself at the moment the visitor comes, handing on a listening socket (as systemd-socket-activate(1)).
//
//   visitor ADDRESS PORT HOST PROGRAM ARGUMENT…
//
// Reads one letter a measurement from stdin: `e` through the edge, `f` the floor; answers each with a line: microseconds, or `failed
// WHAT`. PROGRAM gets this program's environment and LISTEN_FDS=1; after each floor it is killed and waited for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 10 };

static const char *failure; // what the last measurement failed at

static double microseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

// 0 where the first bytes of a 200 answer came.
static int visit(const struct sockaddr_in *address, const char *host) {
	char bytes[4096];
	int request_length = snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	failure = NULL;
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0) failure = "connect";
	else if (write(fd, bytes, request_length) != request_length) failure = "write";
	else if (read(fd, bytes, sizeof bytes) < 12) failure = "read";
	else if (memcmp(bytes + 8, " 200", 4) != 0) failure = "status";
	return close(fd), failure == NULL ? 0 : -1;
}

static double through_the_edge(const struct sockaddr_in *edge, const char *host) {
	double began = microseconds();
	return visit(edge, host) < 0 ? -1 : microseconds() - began;
}

static double bare_floor(const char *host, char **argv) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listening, (struct sockaddr *)&address, length) < 0 || listen(listening, 16) < 0
		|| getsockname(listening, (struct sockaddr *)&address, &length) < 0) {
		return failure = "listen", close(listening), -1;
	}
	double began = microseconds();
	pid_t server = fork();
	if (server == 0) {
		// dup2 onto itself would leave FD_CLOEXEC set.
		if (listening == 3) listening = dup(3);
		dup2(listening, 3);
		execv(argv[0], argv);
		_exit(127);
	}
	double took = server > 0 && visit(&address, host) == 0 ? microseconds() - began : -1;
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	close(listening);
	return took;
}

int main(int argc, char **argv) {
	if (argc < 5) return fputs("visitor ADDRESS PORT HOST PROGRAM ARGUMENT…\n", stderr), 2;
	struct sockaddr_in edge = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
	if (inet_pton(AF_INET, argv[1], &edge.sin_addr) != 1) return fputs("visitor: not an IPv4 address\n", stderr), 2;
	setenv("LISTEN_FDS", "1", 1);
	int letter;
	while ((letter = getchar()) != EOF) {
		if (letter != 'e' && letter != 'f') continue;
		double took = letter == 'e' ? through_the_edge(&edge, argv[3]) : bare_floor(argv[3], argv + 4);
		if (took < 0) printf("failed %s: %s\n", failure ? failure : "fork", strerror(errno));
		else printf("%.1f\n", took);
		fflush(stdout);
	}
	return 0;
}
