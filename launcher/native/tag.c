/*
 * Which processes are a VPS's: those in its cgroup; for an ordinary user without cgroups those in its pid namespace; where
 * there is none either, those born with its NOTIFY_SOCKET in their environment, which is best effort.
 */
#include "keeper.h"
#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum tag tag;

static size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
	close_fd(&fd);
	text[length > 0 ? length : 0] = 0;
	return length > 0 ? (size_t)length : 0;
}

static struct vps *owner_by_cgroup(pid_t pid)
{
	char path[48], text[PATH_MAX];
	unsigned id = 0;
	snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
	read_text(path, text, sizeof text);
	const char *base = strrchr(cgroup_folder, '/'), *line = strstr(text, "0::");
	const char *at = line ? strstr(line, base) : NULL; /* our folder's name is unique on this machine */
	if (!at || sscanf(at + strlen(base), "/vps-%u", &id) != 1) return NULL;
	return vps_of(id);
}

static uint64_t namespace_of(pid_t pid)
{
	char path[48];
	struct stat namespace;
	snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
	return stat(path, &namespace) ? 0 : namespace.st_ino;
}

static struct vps *owner_by_environment(pid_t pid)
{
	char path[48], text[65536];
	snprintf(path, sizeof path, "/proc/%d/environ", pid);
	size_t length = read_text(path, text, sizeof text);
	for (struct vps *vps = all_vps; vps && length; vps = vps->next) {
		char mark[96];
		int size = snprintf(mark, sizeof mark, "NOTIFY_SOCKET=@%s", vps->notify_name) + 1;
		if (memmem(text, length + 1, mark, (size_t)size)) return vps;
	}
	return NULL;
}

struct vps *owner_of(pid_t pid)
{
	if (tag == TAG_CGROUP) return owner_by_cgroup(pid);
	if (tag == TAG_TREE) return owner_by_environment(pid);
	struct vps *vps = all_vps;
	uint64_t namespace = vps ? namespace_of(pid) : 0;
	while (vps && vps->namespace != namespace) vps = vps->next;
	return vps;
}

size_t members(const struct vps *vps, void (*visit)(pid_t pid, void *context), void *context)
{
	size_t count = 0;
	int pid;
	if (tag == TAG_CGROUP) {
		int fd = openat(vps->cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC);
		FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
		for (; file && fscanf(file, "%d", &pid) == 1; count++)
			if (visit) visit(pid, context);
		if (file) fclose(file);
		return count;
	}
	DIR *processes = opendir("/proc");
	for (struct dirent *entry; processes && (entry = readdir(processes));) {
		if ((pid = atoi(entry->d_name)) <= 0 || owner_of(pid) != vps) continue;
		if (visit) visit(pid, context);
		count++;
	}
	if (processes) closedir(processes);
	return count;
}

struct shot {
	struct vps *vps;
	int number;
};

/* By pidfd, and asked again whose it is: the pid may be another's by now. */
static void shoot(pid_t pid, void *context)
{
	const struct shot *shot = context;
	if (tag == TAG_PIDNS && pid == shot->vps->pid) return; /* its init would only pass it on once more */
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0 && owner_of(pid) == shot->vps) syscall(SYS_pidfd_send_signal, fd, shot->number, NULL, 0);
	close_fd(&fd);
}

void vps_signal(struct vps *vps, int number)
{
	members(vps, shoot, &(struct shot){vps, number});
}

void vps_kill(struct vps *vps)
{
	if (tag == TAG_PIDNS) {
		if (vps->pid > 0) kill(vps->pid, SIGKILL);
		return;
	}
	int fd = tag == TAG_CGROUP ? openat(vps->cgroup, "cgroup.kill", O_WRONLY | O_CLOEXEC) : -1;
	if (fd < 0 || write(fd, "1", 1) != 1) vps_signal(vps, SIGKILL);
	close_fd(&fd);
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

static void map_user(uid_t user, gid_t group)
{
	char uid[64], gid[64];
	snprintf(uid, sizeof uid, "%u %u 1", user, user);
	snprintf(gid, sizeof gid, "%u %u 1", group, group);
	const char *files[][2] = {{"/proc/self/setgroups", "deny"}, {"/proc/self/uid_map", uid}, {"/proc/self/gid_map", gid}};
	for (int at = 0; at < 3; at++) {
		int fd = open(files[at][0], O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, files[at][1], strlen(files[at][1])) < 0) _exit(127);
		close(fd);
	}
}

static bool send_outcome(int channel, struct outcome outcome, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof fd)];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	struct iovec body = {&outcome, sizeof outcome};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
	if (fd >= 0) message.msg_control = &control, message.msg_controllen = sizeof control;
	return sendmsg(channel, &message, MSG_NOSIGNAL) > 0;
}

/* Starts the program, collects orphans, passes signals on, and is gone when all are gone. */
static int init_run(void *context)
{
	struct birth *birth = context;
	struct program *program = birth->program;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	map_user(birth->uid, birth->gid);
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); /* refused in some containers: the outer one stays */
	program->cgroup = -1;
	program->uid = (uid_t)-1;
	program->gid = (gid_t)-1;
	pid_t first = program_start(program);
	if (!send_outcome(birth->channel, (struct outcome){first < 0 ? errno : 0, program->what}, program->notify) || first < 0)
		_exit(127);
	for (int fd = 0; fd < 3; fd++) dup2(house.null, fd);
	dup2(birth->channel, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	int status, last = 0;
	for (;;) {
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid != first) continue;
			send(3, &status, sizeof status, MSG_NOSIGNAL);
			last = status;
		}
		if (pid < 0 && errno == ECHILD) _exit(WIFSIGNALED(last) ? 128 + WTERMSIG(last) : WEXITSTATUS(last));
		siginfo_t signal_info;
		int number = sigwaitinfo(&all, &signal_info);
		if (number > 0 && number != SIGCHLD) kill(first, number);
	}
}

pid_t init_start(struct program *program, int *channel, uint64_t *namespace)
{
	int ends[2], fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return -1;
	struct birth birth = {program, ends[1], geteuid(), getegid()};
	program->what = "clone";
	pid_t pid = spawn(program, init_run, &birth, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
	int error = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		errno = error;
		return -1;
	}
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof fd)];
	} control;
	struct outcome outcome = {EPERM, "namespace"};
	struct iovec body = {&outcome, sizeof outcome};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t got = recvmsg(ends[0], &message, MSG_CMSG_CLOEXEC); /* like the vfork that it stands for, until the exec */
	if (got == sizeof outcome && CMSG_FIRSTHDR(&message)) memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	program->notify = fd;
	*namespace = namespace_of(pid);
	*channel = ends[0];
	if (got == sizeof outcome && !outcome.what) return pid;
	waitpid(pid, NULL, 0);
	close_fd(channel);
	program->what = outcome.what;
	errno = outcome.error;
	return -1;
}
