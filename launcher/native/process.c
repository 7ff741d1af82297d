/* How every child of the keeper is born: by a vfork that shares the memory, so that it costs the same however large the keeper is. */
#include "keeper.h"

static struct rlimit files; /* as the keeper was given it */
static bool oom_adjusted;

/*
 * The tray: low fds of the keeper that hold nothing (/dev/null) but while a child is born. What the child needs is laid there,
 * so that it copies the lowest part of the fd table alone and not the thousands of sockets above.
 */
void process_start(void) {
	char score[16];
	for (int fd = TRAY; fd < TRAY_END; fd++) dup3(house.null, fd, O_CLOEXEC);
	getrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){files.rlim_max, files.rlim_max});
	oom_adjusted = read_text("/proc/self/oom_score_adj", score, sizeof score) && atoi(score) != 0;
}

/* Raw system calls: the C library's would tell "all threads", which here are the keeper's. */
static const char *become_user(const struct program *p) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};
	if (p->gid != (gid_t)-1 && geteuid() == 0 && syscall(SYS_setgroups, 0, NULL)) return "setgroups";
	if (p->gid != (gid_t)-1 && syscall(SYS_setresgid, p->gid, p->gid, p->gid)) return "setgid";
	if (p->uid != (uid_t)-1 && syscall(SYS_setresuid, p->uid, p->uid, p->uid)) return "setuid";
	return p->bare && syscall(SYS_capset, &header, none) ? "capset" : NULL;
}

static void calm_signals(void) {
	sigset_t none;
	for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The steps of a child from its birth to exec(2), in order; the name of the one that failed. */
static const char *become(struct program *p) {
	const char *what;
	struct rlimit limit = p->nofile ? (struct rlimit){p->nofile, p->nofile} : files;
	if (p->attach && !write_text(p->cgroup, "cgroup.procs", "0")) return "cgroup";
	if (p->netns >= 0 && setns(p->netns, CLONE_NEWNET)) return "setns";
	/* An ordinary user may install a filter only where no new privileges can be won behind it. */
	if ((p->bare || geteuid() != 0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return "no_new_privs";
	if (p->adopt && (p->notify = install_filter()) < 0) return "seccomp";
	if (syscall(SYS_close_range, TRAY_END, ~0U, CLOSE_RANGE_UNSHARE)) return "close_range";
	for (int fd = 0; fd < p->fd_count; fd++) dup2(TRAY + fd, fd);
	if (p->dies_with_keeper) setsid(); /* launcher and edges stay in the terminal's session, tenants have none */
	if (oom_adjusted) write_text(AT_FDCWD, "/proc/self/oom_score_adj", "0");
	if (p->veil && p->veil[0] && (what = veil(p->veil, p->reveal, p->bare))) return what;
	if (setrlimit(RLIMIT_NOFILE, &limit)) return "nofile";
	if ((what = become_user(p))) return what;
	if (p->dies_with_keeper) prctl(PR_SET_PDEATHSIG, SIGKILL);
	umask(022);
	if (chdir(p->cwd)) return "chdir";
	if (p->listen_pid) sprintf(p->listen_pid, "LISTEN_PID=%ld", syscall(SYS_getpid));
	calm_signals();
	execve(p->argv[0], p->argv, p->envp);
	return "exec";
}

static int child(void *context) {
	struct program *p = context;
	p->what = become(p);
	p->error = errno;
	return 127;
}

/* clone3(2). With a stack in `args` the child cannot touch the frames that its sleeping parent returns to; it ends with run(). */
static long clone_on(struct clone_args *args, int (*run)(void *), void *context) {
	long pid;
#if defined __x86_64__
	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\txor %%ebp, %%ebp\n\tand $-16, %%rsp\n\tmov %[context], %%rdi\n\t"
	                 "call *%[run]\n\tmov %%eax, %%edi\n\tmov %[quit], %%eax\n\tsyscall\n\tud2\n1:"
	                 : "=a"(pid) : "a"((long)SYS_clone3), "D"(args), "S"(sizeof *args), [run] "r"(run), [context] "r"(context),
	                 [quit] "i"(SYS_exit_group) : "rcx", "r11", "memory");
#elif defined __aarch64__
	register long number __asm__("x8") = SYS_clone3, first __asm__("x0") = (long)args, second __asm__("x1") = sizeof *args;
	__asm__ volatile("svc 0\n\tcbnz x0, 1f\n\tmov x29, xzr\n\tmov x0, %[context]\n\tblr %[run]\n\tmov x8, %[quit]\n\tsvc 0\n1:"
	                 : "+r"(first) : "r"(number), "r"(second), [run] "r"(run), [context] "r"(context),
	                 [quit] "i"(SYS_exit_group) : "x30", "memory");
	pid = first;
#else
#error "the keeper knows x86_64 and aarch64"
#endif
	if (pid >= 0) return pid;
	errno = (int)-pid;
	return -1;
}

/* CLONE_VM in `flags`: a vfork; else the child has a copy of everything. */
pid_t spawn(struct program *program, int (*run)(void *), void *context, uint64_t flags) {
	static char stack[256 << 10] __attribute__((aligned(64)));
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	if (flags & CLONE_VM) args.stack = (uintptr_t)stack, args.stack_size = sizeof stack;
	if (program->cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (uint64_t)program->cgroup;
	program->attach = false;
	long pid = clone_on(&args, run, context);
	if (pid >= 0 || program->cgroup < 0) return (pid_t)pid;
	args.flags &= ~CLONE_INTO_CGROUP; /* refused here: the child goes in by itself */
	program->attach = true;
	return (pid_t)clone_on(&args, run, context);
}

pid_t program_start(struct program *program) {
	for (int fd = 0; fd < program->fd_count; fd++) dup3(program->fds[fd], TRAY + fd, O_CLOEXEC);
	program->notify = -1;
	program->what = NULL;
	pid_t pid = spawn(program, child, program, CLONE_VM | CLONE_VFORK | CLONE_FILES);
	if (pid < 0) program->what = "clone", program->error = errno;
	for (int fd = 0; fd < program->fd_count; fd++) dup3(house.null, TRAY + fd, O_CLOEXEC);
	if (!program->what) return pid;
	if (pid > 0) waitpid(pid, NULL, 0);
	close_fd(&program->notify);
	errno = program->error;
	return -1;
}
