// Starts a server, waits until its port takes connections, then becomes a program: what `After=` and `Requires=` of a systemd service
// do for systemd-socket-proxyd(8), where systemd itself is not at work.
//
//   after PORT SERVER ARGUMENT… -- PROGRAM ARGUMENT…
//
// The server gets PORT in its environment and nothing of the sockets that PROGRAM inherits; it dies with PROGRAM.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_NS = 200 * 1000, MOST_LOOKS = 100 * 1000 };

static int takes_connections(int port) {
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	return close(fd), connected;
}

int main(int argc, char **argv) {
	char **program = argv;
	while (*program && strcmp(*program, "--")) program++;
	if (argc < 5 || !*program || !program[1]) return fputs("after PORT SERVER… -- PROGRAM…\n", stderr), 2;
	*program++ = NULL;
	pid_t self = getpid();
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self) return 1;
		unsetenv("LISTEN_FDS");
		unsetenv("LISTEN_PID");
		setenv("PORT", argv[1], 1);
		close(3);
		execv(argv[2], argv + 2);
		_exit(127);
	}
	prctl(PR_SET_TIMERSLACK, 1);
	for (int looks = 0; !takes_connections(atoi(argv[1])); looks++) {
		if (looks == MOST_LOOKS) return fputs("after: the server does not listen\n", stderr), 1;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_NS}, NULL);
	}
	execv(program[0], program);
	return perror(program[0]), 127;
}
