/* How every child of the keeper is born. The keeper is small, so a copy of it costs little; it sleeps until the exec. */
#include "keeper.h"

struct outcome *outcome;
static struct rlimit files; /* as the keeper was given it */

/*
 * The tray: low fds of the keeper that hold nothing (/dev/null) but while a child is born. What the child needs is laid there,
 * so that it copies the lowest part of the fd table alone and not the thousands of sockets above.
 */
void process_start(void) {
	for (int fd = TRAY; fd < TRAY_END; fd++) dup3(house.null, fd, O_CLOEXEC);
	getrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){files.rlim_max, files.rlim_max});
	outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED) die(1, "memory", strerror(errno));
}

static const char *become_user(const struct program *p) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};
	if (p->gid != (gid_t)-1 && geteuid() == 0 && setgroups(0, NULL)) return "setgroups";
	if (p->gid != (gid_t)-1 && setresgid(p->gid, p->gid, p->gid)) return "setgid";
	if (p->uid != (uid_t)-1 && setresuid(p->uid, p->uid, p->uid)) return "setuid";
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
	if (p->attach && !write_text(p->cgroup, "cgroup.procs", "0")) return "cgroup";
	if (p->netns >= 0 && setns(p->netns, CLONE_NEWNET)) return "setns";
	/* An ordinary user may install a filter only where no new privileges can be won behind it. */
	if ((p->bare || geteuid() != 0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return "no_new_privs";
	if (p->adopt && (outcome->notify = install_filter()) < 0) return "seccomp";
	if (syscall(SYS_close_range, TRAY_END, ~0U, CLOSE_RANGE_UNSHARE)) return "close_range";
	for (int fd = 0; fd < p->fd_count; fd++) dup2(TRAY + fd, fd);
	write_text(AT_FDCWD, "/proc/self/oom_score_adj", "0"); /* the keeper may be spared where tenants must not be */
	if (p->veil && p->veil[0] && (what = veil(p->veil, p->reveal, p->bare))) return what;
	if (setrlimit(RLIMIT_NOFILE, &files)) return "nofile";
	if ((what = become_user(p))) return what;
	if (!p->outlives) setsid(), prctl(PR_SET_PDEATHSIG, SIGKILL); /* the launcher stays in the terminal's session */
	umask(022);
	if (chdir(p->cwd)) return "chdir";
	if (p->listen_pid) sprintf(p->listen_pid, "LISTEN_PID=%d", getpid());
	calm_signals();
	execve(p->argv[0], p->argv, p->envp);
	return "exec";
}

static int child(void *context) {
	outcome->what = become(context);
	outcome->error = errno;
	return 127;
}

/* fork(2), and into the program's cgroup where it has one. The child ends with what run() gives back. */
pid_t spawn(struct program *program, int (*run)(void *), void *context, uint64_t flags) {
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	if (program->cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (uint64_t)program->cgroup;
	program->attach = false;
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid < 0 && program->cgroup >= 0) { /* refused here: the child goes in by itself */
		args.flags &= ~CLONE_INTO_CGROUP;
		program->attach = true;
		pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	}
	if (pid == 0) _exit(run(context));
	return pid;
}

/* The fd table is shared until the child has its own: so the filter's fd comes to be one of the keeper's. */
pid_t program_start(struct program *program) {
	for (int fd = 0; fd < program->fd_count; fd++) dup3(program->fds[fd], TRAY + fd, O_CLOEXEC);
	*outcome = (struct outcome){.notify = -1};
	pid_t pid = spawn(program, child, program, CLONE_VFORK | CLONE_FILES);
	if (pid < 0) *outcome = (struct outcome){-1, errno, "clone"};
	for (int fd = 0; fd < program->fd_count; fd++) dup3(house.null, TRAY + fd, O_CLOEXEC);
	if (!outcome->what) return pid;
	if (pid > 0) waitpid(pid, NULL, 0);
	close_fd(&outcome->notify);
	errno = outcome->error;
	return -1;
}
