/*
 * Which processes are a VPS's: those in its cgroup; for an ordinary user without cgroups those in its pid namespace; where
 * there is none either, those born with its NOTIFY_SOCKET in their environment, which is best effort.
 */
#include "keeper.h"

enum tag tag;

static uint64_t namespace_of(pid_t pid) {
	char path[48];
	struct stat namespace;
	snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
	return stat(path, &namespace) ? 0 : namespace.st_ino;
}

static struct vps *owner_by_cgroup(const char *text) {
	unsigned id = 0;
	const char *base = strrchr(cgroup_folder, '/'), *line = strstr(text, "0::");
	const char *at = line ? strstr(line, base) : NULL; /* our folder's name is unique on this machine */
	return at && sscanf(at + strlen(base), "/vps-%u", &id) == 1 ? vps_of(id) : NULL;
}

struct vps *owner_of(pid_t pid) {
	char path[48], text[65536], mark[96];
	uint64_t namespace = tag == TAG_PIDNS ? namespace_of(pid) : 0;
	snprintf(path, sizeof path, tag == TAG_CGROUP ? "/proc/%d/cgroup" : "/proc/%d/environ", pid);
	size_t length = tag == TAG_PIDNS ? 0 : read_text(path, text, sizeof text);
	if (tag == TAG_CGROUP) return owner_by_cgroup(text);
	EACH(vps, vps) {
		size_t size = (size_t)snprintf(mark, sizeof mark, "NOTIFY_SOCKET=@%s", vps->notify_name) + 1;
		if (tag == TAG_PIDNS ? vps->namespace == namespace : length && memmem(text, length + 1, mark, size)) return vps;
	}
	return NULL;
}

size_t members(const struct vps *vps, void (*visit)(pid_t pid, void *context), void *context) {
	size_t count = 0;
	int pid, fd = tag == TAG_CGROUP ? openat(vps->cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC) : -1;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	for (; file && fscanf(file, "%d", &pid) == 1; count++) visit(pid, context);
	if (file) fclose(file);
	DIR *processes = tag == TAG_CGROUP ? NULL : opendir("/proc");
	for (struct dirent *entry; processes && (entry = readdir(processes));)
		if ((pid = atoi(entry->d_name)) > 0 && owner_of(pid) == vps) count++, visit(pid, context);
	if (processes) closedir(processes);
	return count;
}

struct shot {
	struct vps *vps;
	int number;
};

/* By pidfd, and asked again whose it is: the pid may be another's by now. */
static void shoot(pid_t pid, void *context) {
	const struct shot *shot = context;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool init = tag == TAG_PIDNS && pid == shot->vps->pid; /* which would only pass it on once more */
	if (!init && owner_of(pid) == shot->vps) syscall(SYS_pidfd_send_signal, fd, shot->number, NULL, 0);
	close_fd(&fd);
}

void vps_signal(struct vps *vps, int number) {
	members(vps, shoot, &(struct shot){vps, number});
}

void vps_kill(struct vps *vps) {
	if (tag == TAG_PIDNS && vps->pid > 0) kill(vps->pid, SIGKILL);
	else if (tag == TAG_TREE || !write_text(vps->cgroup, "cgroup.kill", "1")) vps_signal(vps, SIGKILL);
}

/* ---- tag=pidns: the first process of the namespace ---- */

struct birth {
	struct program *program;
	int channel;
	uid_t uid; /* outside: in the new namespace they are nobody's until mapped */
	gid_t gid;
};
struct outcome {
	int error;
	const char *what; /* a string constant: at the same place in the init, which is a copy of us */
};

/* Starts the program, collects orphans, passes signals on, and is gone when all are gone. */
static int init_run(void *context) {
	struct birth *birth = context;
	struct program *program = birth->program;
	char uid[64], gid[64];
	int status, last = 0;
	sigset_t all;
	snprintf(uid, sizeof uid, "%u %u 1", birth->uid, birth->uid);
	snprintf(gid, sizeof gid, "%u %u 1", birth->gid, birth->gid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!write_text(AT_FDCWD, "/proc/self/setgroups", "deny") || !write_text(AT_FDCWD, "/proc/self/uid_map", uid)
	    || !write_text(AT_FDCWD, "/proc/self/gid_map", gid)) return 127;
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); /* refused in some containers: the outer one stays */
	program->cgroup = -1;
	program->uid = program->gid = (uid_t)-1;
	pid_t first = program_start(program), pid;
	struct outcome outcome = {first < 0 ? errno : 0, program->what};
	if (!send_with_fd(birth->channel, &outcome, sizeof outcome, program->notify) || first < 0) return 127;
	for (int fd = 0; fd < 3; fd++) dup2(house.null, fd);
	dup2(birth->channel, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	sigfillset(&all);
	while (true) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == first) send(3, &status, sizeof status, MSG_NOSIGNAL), last = status;
		if (pid < 0) return WIFSIGNALED(last) ? 128 + WTERMSIG(last) : WEXITSTATUS(last);
		int number = sigwaitinfo(&all, NULL);
		if (number > 0 && number != SIGCHLD) kill(first, number);
	}
}

pid_t init_start(struct program *program, int *channel, uint64_t *namespace) {
	int ends[2];
	struct outcome outcome = {EPERM, "namespace"};
	program->what = "clone";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return -1;
	struct birth birth = {program, ends[1], geteuid(), getegid()};
	pid_t pid = spawn(program, init_run, &birth, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
	close_fd(&ends[1]);
	/* Waited for like the vfork that it stands for: until the exec. */
	if (pid > 0) receive_with_fd(ends[0], &outcome, sizeof outcome, &program->notify);
	*namespace = namespace_of(pid);
	*channel = ends[0];
	if (pid > 0 && !outcome.what) return pid;
	close_fd(channel);
	if (pid < 0) return pid;
	waitpid(pid, NULL, 0);
	program->what = outcome.what;
	return errno = outcome.error, -1;
}
