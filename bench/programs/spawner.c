// A process with a heap, that starts programs: what does that cost it?
//
//   spawner fork|posix_spawn|vfork MEBIBYTES PROGRAM
//
// Reads one letter a spawn from stdin; answers each with a line of two numbers: microseconds for which the call kept it from all else,
// and microseconds until the program, which ends at once, was seen to end.
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

static double microseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static pid_t start(const char *way, char *program) {
	char *argv[] = {program, NULL}, *none[] = {NULL};
	pid_t pid = -1;
	if (!strcmp(way, "posix_spawn")) return posix_spawn(&pid, program, NULL, NULL, argv, none) == 0 ? pid : -1;
	if (!strcmp(way, "vfork")) pid = vfork();
	else if (!strcmp(way, "fork")) pid = fork();
	else errno = EINVAL;
	if (pid == 0) {
		execve(program, argv, none);
		_exit(127);
	}
	return pid;
}

int main(int argc, char **argv) {
	if (argc != 4) return fputs("spawner fork|posix_spawn|vfork MEBIBYTES PROGRAM\n", stderr), 2;
	// Touched, and in many pieces as a program's own: a heap that was never written costs nobody anything.
	for (long left = atol(argv[2]) * 1024 * 1024; left > 0; left -= BLOCK) {
		char *block = malloc(BLOCK);
		if (block == NULL) return perror("malloc"), 1;
		memset(block, 1, BLOCK);
		__asm__ volatile("" : : "r"(block) : "memory"); // else the compiler may leave it all out
	}
	int letter;
	while ((letter = getchar()) != EOF) {
		double began = microseconds();
		pid_t pid = start(argv[1], argv[3]);
		double blocked = microseconds() - began;
		int status = 1;
		if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) return perror(argv[1]), 1;
		printf("%.1f %.1f\n", blocked, microseconds() - began);
		fflush(stdout);
	}
	return 0;
}
