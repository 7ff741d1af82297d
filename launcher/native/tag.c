/*
 * Which processes are a VPS's: those in its cgroup; for an ordinary user without cgroups those that descend from its init, which
 * is the first process of a pid namespace (tag=pidns), or where that is not allowed a subreaper (tag=tree), which is best effort.
 */
#include "keeper.h"

enum tag tag;

static struct vps *owner_by_cgroup(const char *text) {
	const char *base = strrchr(cgroup_folder, '/'), *at = strstr(text, base); /* our folder's name is unique on this machine */
	unsigned id = 0;
	if (!at || sscanf(at + strlen(base), "/vps-%u", &id) != 1) return NULL;
	at += strlen(base) + 1;
	size_t length = strcspn(at, "/\n");
	EACH_VPS(vps) if (vps->id == id && strlen(vps->folder) == length && !strncmp(vps->folder, at, length)) return vps;
	return NULL;
}

struct vps *owner_of(pid_t pid) {
	char path[48], text[16384];
	while (pid > 1) {
		snprintf(path, sizeof path, tag == TAG_CGROUP ? "/proc/%d/cgroup" : "/proc/%d/stat", pid);
		read_text(path, text, sizeof text);
		if (tag == TAG_CGROUP) return owner_by_cgroup(text);
		EACH_VPS(vps) if (vps->pid == pid) return vps;
		const char *end = strrchr(text, ')'); /* of the name, which may hold anything (proc_pid_stat(5)) */
		if (!end || sscanf(end, ") %*c %d", &pid) != 1) return NULL;
	}
	return NULL;
}

void vps_each(struct vps *vps, void (*visit)(struct vps *vps, pid_t pid, void *context), void *context) {
	int pid, fd = tag == TAG_CGROUP ? openat(vps->cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC) : -1;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	while (file && fscanf(file, "%d", &pid) == 1) visit(vps, pid, context);
	if (file) fclose(file);
	DIR *processes = tag == TAG_CGROUP ? NULL : opendir("/proc");
	for (struct dirent *entry; processes && (entry = readdir(processes));)
		if ((pid = atoi(entry->d_name)) > 0 && owner_of(pid) == vps) visit(vps, pid, context);
	if (processes) closedir(processes);
}

/* By pidfd, and asked again whose it is: the pid may be another's by now. */
static void shoot(struct vps *vps, pid_t pid, void *context) {
	const int *number = context;
	if (*number == 0) return (void)reply("pid=%d", pid);
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool init = vps->has_init && pid == vps->pid; /* which would only pass it on once more */
	if (!init && owner_of(pid) == vps) syscall(SYS_pidfd_send_signal, fd, *number, NULL, 0);
	close_fd(&fd);
}

void vps_signal(struct vps *vps, int number) { vps_each(vps, shoot, &number); }

static void kill_again(struct timer *timer) { vps_kill(HOLDER(timer, struct vps, retry)); }

void vps_kill(struct vps *vps) {
	if (tag == TAG_PIDNS && vps->pid > 0) kill(vps->pid, SIGKILL);
	else if (tag != TAG_CGROUP || !write_text(vps->cgroup, "cgroup.kill", "1")) vps_signal(vps, SIGKILL);
	if (tag == TAG_TREE && vps->pid > 0) timer_set(&vps->retry, KILL_AGAIN_MS, kill_again); /* it may have forked meanwhile */
}

/* ---- the init of a VPS that has no cgroup ---- */

struct birth {
	struct program *program;
	int channel;
	uid_t uid; /* outside: in the new namespace they are nobody's until mapped */
	gid_t gid;
};

static bool settle_in(const struct birth *birth) {
	char uid[64], gid[64];
	snprintf(uid, sizeof uid, "%u %u 1", birth->uid, birth->uid);
	snprintf(gid, sizeof gid, "%u %u 1", birth->gid, birth->gid);
	if (!write_text(AT_FDCWD, "/proc/self/setgroups", "deny") || !write_text(AT_FDCWD, "/proc/self/uid_map", uid)
	    || !write_text(AT_FDCWD, "/proc/self/gid_map", gid)) return false;
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); /* refused in some containers: the outer one stays */
	return true;
}

/* Starts the program, tells of its end, collects orphans, passes signals on, and is gone when all are gone. */
static int init_run(void *context) {
	const struct birth *birth = context;
	int status;
	sigset_t all;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (tag == TAG_PIDNS && !settle_in(birth)) return 127;
	pid_t first = program_start(birth->program), pid;
	if (first < 0) return 127;
	for (int fd = 0; fd < 3; fd++) dup2(house.null, fd);
	dup2(birth->channel, 3);
	if (outcome->notify >= 0) outcome->notify = dup2(outcome->notify, 4);
	syscall(SYS_close_range, 5, ~0U, 0);
	send(3, "", 1, MSG_NOSIGNAL);
	sigfillset(&all);
	while (true) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == first) send(3, &status, sizeof status, MSG_NOSIGNAL);
		if (pid < 0) return 0;
		int number = sigwaitinfo(&all, NULL);
		if (number > 0 && number != SIGCHLD) kill(first, number);
	}
}

pid_t init_start(struct program *program, int *channel) {
	int ends[2];
	char byte;
	*outcome = (struct outcome){-1, EPERM, "namespace"};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return -1;
	struct birth birth = {program, ends[1], geteuid(), getegid()};
	program->uid = program->gid = (uid_t)-1;
	pid_t pid = spawn(program, init_run, &birth, tag == TAG_PIDNS ? CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS : 0);
	close_fd(&ends[1]);
	*channel = ends[0];
	if (pid > 0 && recv(ends[0], &byte, 1, 0) == 1) { /* waited for like the vfork that it stands for: until the exec */
		int process = (int)syscall(SYS_pidfd_open, pid, 0);
		if (outcome->notify >= 0) outcome->notify = (int)syscall(SYS_pidfd_getfd, process, outcome->notify, 0);
		return close_fd(&process), pid;
	}
	close_fd(channel);
	if (pid > 0) waitpid(pid, NULL, 0);
	errno = outcome->error;
	return -1;
}
