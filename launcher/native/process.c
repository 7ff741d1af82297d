/* How every child of the keeper is born: by a vfork that shares the memory, so that it costs the same however large the keeper is. */
#include "keeper.h"

struct outcome *outcome;
static struct rlimit files; /* as the keeper was given it */

/*
 * The tray: low fds of the keeper that hold nothing (/dev/null) but while a child is born. What the child needs is laid there,
 * so that it copies the lowest part of the fd table alone and not the thousands of sockets above.
 *
 * Whoever started the server may have had another umask (077 on hardened machines) and ignored signals (nohup; SIGCHLD ignored would
 * take every exit status away). Here that ends: the keeper itself handles none, so that its children inherit the defaults.
 */
void process_start(void) {
	umask(022);
	for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
	for (int fd = TRAY; fd < TRAY_END; fd++) dup3(house.null, fd, O_CLOEXEC);
	getrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){files.rlim_max, files.rlim_max});
	outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED) die(1, "memory", strerror(errno));
}

/* The steps of a child from its birth to exec(2), in order; the name of the one that failed. */
static const char *become(struct program *p) {
	const char *what;
	sigset_t none;
	if (p->attach && !write_text(p->cgroup, "cgroup.procs", "0")) return "cgroup";
	if (p->netns >= 0 && setns(p->netns, CLONE_NEWNET)) return "setns";
	/* An ordinary user may install a filter only where no new privileges can be won behind it. */
	if ((p->bare || p->humble || geteuid() != 0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return "no_new_privs";
	if (p->adopt && (outcome->notify = install_filter()) < 0) return "seccomp";
	if (syscall(SYS_close_range, TRAY_END, ~0U, CLOSE_RANGE_UNSHARE)) return "close_range";
	for (int fd = 0; fd < p->fd_count; fd++) dup2(TRAY + fd, fd);
	write_text(AT_FDCWD, "/proc/self/oom_score_adj", "0"); /* the keeper may be spared where tenants must not be */
	if (p->veil && p->veil[0] && (what = veil(p->veil, p->reveal, p->bare))) return what;
	if (setrlimit(RLIMIT_NOFILE, &files)) return "nofile";
	/* Raw system calls: the C library's would tell the threads that the keeper has. */
	if (p->gid != (gid_t)-1 && geteuid() == 0 && syscall(SYS_setgroups, 0, NULL)) return "setgroups";
	if (p->gid != (gid_t)-1 && syscall(SYS_setresgid, p->gid, p->gid, p->gid)) return "setgid";
	if (p->uid != (uid_t)-1 && syscall(SYS_setresuid, p->uid, p->uid, p->uid)) return "setuid";
	if (p->bare && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)) return "capabilities"; /* all that are left */
	if (!p->outlives) setsid(), prctl(PR_SET_PDEATHSIG, SIGKILL); /* the launcher stays in the terminal's session */
	if (chdir(p->cwd)) return "chdir";
	if (p->listen_pid) sprintf(p->listen_pid, "LISTEN_PID=%d", getpid());
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(p->argv[0], p->argv, p->envp);
	return "exec";
}

static int child(void *context) {
	outcome->what = become(context);
	return outcome->error = errno, 127;
}

/*
 * clone3(2); the child ends with what run() gives back. With CLONE_VM it has a stack of its own, so that it cannot touch the frames
 * that its sleeping parent returns to. That takes assembly; where we have none it gets a copy of everything: as well, only slower.
 */
static pid_t clone_and_run(struct clone_args *args, int (*run)(void *), void *context) {
	long pid;
#if defined __x86_64__
	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\txor %%ebp, %%ebp\n\tand $-16, %%rsp\n\tmov %[context], %%rdi\n\t"
	                 "call *%[run]\n\tmov %%eax, %%edi\n\tmov %[quit], %%eax\n\tsyscall\n\tud2\n1:"
	                 : "=a"(pid) : "a"((long)SYS_clone3), "D"(args), "S"(sizeof *args), [run] "r"(run), [context] "r"(context),
	                 [quit] "i"(SYS_exit_group) : "rcx", "r11", "memory");
	if (pid < 0) errno = (int)-pid;
#else
	if (args->flags & CLONE_VM) args->flags &= ~(uint64_t)CLONE_VM, args->stack = args->stack_size = 0;
	if ((pid = syscall(SYS_clone3, args, sizeof *args)) == 0) _exit(run(context));
#endif
	return pid < 0 ? -1 : (pid_t)pid;
}

/* A child, in the program's cgroup where it has one. Without CLONE_VM in `flags` it has a copy of everything. */
pid_t spawn(struct program *program, int (*run)(void *), void *context, uint64_t flags) {
	static char stack[256 << 10] __attribute__((aligned(64)));
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	if (flags & CLONE_VM) args.stack = (uintptr_t)stack, args.stack_size = sizeof stack;
	if (program->cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (uint64_t)program->cgroup;
	program->attach = false;
	pid_t pid = clone_and_run(&args, run, context);
	if (pid >= 0 || program->cgroup < 0) return pid;
	args.flags &= ~CLONE_INTO_CGROUP; /* refused here: the child goes in by itself */
	program->attach = true;
	return clone_and_run(&args, run, context);
}

/* The fd table is shared until the child has its own: so the filter's fd comes to be one of the keeper's. */
pid_t program_start(struct program *program) {
	for (int fd = 0; fd < program->fd_count; fd++) dup3(program->fds[fd], TRAY + fd, O_CLOEXEC);
	*outcome = (struct outcome){.notify = -1};
	pid_t pid = spawn(program, child, program, CLONE_VM | CLONE_VFORK | CLONE_FILES);
	if (pid < 0) *outcome = (struct outcome){-1, errno, "clone"};
	for (int fd = 0; fd < program->fd_count; fd++) dup3(house.null, TRAY + fd, O_CLOEXEC);
	if (!outcome->what) return pid;
	if (pid > 0) waitpid(pid, NULL, 0);
	close_fd(&outcome->notify);
	errno = outcome->error;
	return -1;
}
