/* Adoption: a program's bind(2) is answered with the socket that the keeper holds, its listen(2) without being done. */
#include "keeper.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#define SET_FLAGS SECCOMP_IOW(4, __u64) /* SECCOMP_IOCTL_NOTIF_SET_FLAGS, Linux 6.6 */
#define SYNC_WAKE_UP 1ULL
#if defined __x86_64__
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

/* Calls of another architecture, of x32 (bit 30) and of io_uring would get by the filter: they do not exist here. */
int install_filter(void)
{
	struct sock_filter code[] = {
		LOAD(arch),
		UNLESS(OUR_ARCHITECTURE, 7),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_listen, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 2, 1),
		RETURN(SECCOMP_RET_USER_NOTIF),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};
	unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
	if (fd < 0 && errno == EINVAL) fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (fd >= 0) ioctl((int)fd, SET_FLAGS, SYNC_WAKE_UP); /* older kernels: as well, only slower */
	return (int)fd;
}

bool can_adopt(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(install_filter() < 0);
	}
	int status = 1;
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* The process of a thread, since only a process can be asked for its fds. */
static pid_t process_of(pid_t thread)
{
	char path[48], line[128];
	int process = thread;
	snprintf(path, sizeof path, "/proc/%d/status", thread);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "Tgid: %d", &process) == 1) break;
	if (file) fclose(file);
	return process;
}

/* The program's own TCP socket, -1 where it is none; *flags are the open(2) flags of the program's fd, O_CLOEXEC too. */
static int own_socket(pid_t thread, int number, unsigned *flags)
{
	char path[64], line[64];
	int pid_fd = (int)syscall(SYS_pidfd_open, thread, 0);
	if (pid_fd < 0) pid_fd = (int)syscall(SYS_pidfd_open, process_of(thread), 0);
	int fd = (int)syscall(SYS_pidfd_getfd, pid_fd, number, 0), protocol = 0;
	close_fd(&pid_fd);
	socklen_t size = sizeof protocol;
	if (fd >= 0 && (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) || protocol != IPPROTO_TCP)) close_fd(&fd);
	*flags = 0;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", thread, number);
	FILE *file = fd < 0 ? NULL : fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "flags: %o", flags) == 1) break;
	if (file) fclose(file);
	return fd;
}

static void say_of(const char *verb, const struct vps *vps, int at)
{
	event(verb);
	field("id", "%u", vps->id);
	field("instance", "%llu", (unsigned long long)vps->instance);
	field("name", "%s", vps->sockets[at]->name);
	event_end();
}

/* By port; the exact address is better than another, one not adopted yet better than one that is. -1: none. */
static int match(const struct vps *vps, const struct sockaddr_storage *wish)
{
	int best = -1, best_rank = -1;
	for (int at = 0; at < vps->socket_count; at++) {
		const struct held *held = vps->sockets[at];
		if (!held || held->source.fd < 0) continue;
		const struct sockaddr_in *four = (const void *)&held->address, *wish_four = (const void *)wish;
		const struct sockaddr_in6 *six = (const void *)&held->address, *wish_six = (const void *)wish;
		if (four->sin_port != wish_four->sin_port) continue; /* sin6_port is at the same place */
		bool exact = held->address.ss_family == wish->ss_family && (wish->ss_family == AF_INET
			? four->sin_addr.s_addr == wish_four->sin_addr.s_addr
			: !memcmp(&six->sin6_addr, &wish_six->sin6_addr, sizeof six->sin6_addr));
		int rank = exact ? 2 : !vps->bound[at];
		if (rank > best_rank) best = at, best_rank = rank;
	}
	return best;
}

/* True where the held socket stands in the place of the program's own now. */
static bool adopt_bind(struct vps *vps, const struct seccomp_notif *call)
{
	struct sockaddr_storage wish = {0};
	struct iovec here = {&wish, sizeof wish}, there = {(void *)(uintptr_t)call->data.args[1], sizeof wish};
	if (call->data.args[2] < there.iov_len) there.iov_len = call->data.args[2];
	if (process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0) < (ssize_t)sizeof(struct sockaddr_in)) return false;
	if (wish.ss_family != AF_INET && wish.ss_family != AF_INET6) return false;
	int at = match(vps, &wish);
	if (at < 0) return false;
	unsigned flags;
	int own = own_socket((pid_t)call->pid, (int)call->data.args[0], &flags);
	if (own < 0) return false;
	int held = vps->sockets[at]->source.fd;
	struct seccomp_notif_addfd add = {.id = call->id, .flags = SECCOMP_ADDFD_FLAG_SETFD, .srcfd = (uint32_t)held,
	                                  .newfd = (uint32_t)call->data.args[0], .newfd_flags = flags & O_CLOEXEC};
	bool ours = ioctl(vps->binds.fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0;
	if (ours) {
		copy_options(own, held);
		if (flags & O_NONBLOCK) fcntl(held, F_SETFL, O_NONBLOCK);
		ours = ioctl(vps->binds.fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0;
	}
	close(own);
	if (ours && !vps->bound[at]) {
		vps->bound[at] = true;
		say_of("bound", vps, at);
	}
	return ours;
}

static bool adopt_listen(struct vps *vps, const struct seccomp_notif *call)
{
	unsigned flags;
	int own = own_socket((pid_t)call->pid, (int)call->data.args[0], &flags);
	if (own < 0) return false;
	uint64_t cookie = cookie_of(own);
	close(own);
	for (int at = 0; at < vps->socket_count; at++) {
		if (!vps->sockets[at] || vps->sockets[at]->cookie != cookie) continue;
		if (!vps->listening[at]) {
			vps->listening[at] = true;
			say_of("listening", vps, at);
		}
		return true;
	}
	return false;
}

void adopt_ready(struct source *source, uint32_t events)
{
	struct vps *vps = HOLDER(source, struct vps, binds);
	if (!(events & EPOLLIN)) { /* EPOLLHUP: the last task under the filter is gone */
		source_close(source);
		return;
	}
	if (!vps_spend(vps)) return;
	struct seccomp_notif call = {0};
	if (ioctl(source->fd, SECCOMP_IOCTL_NOTIF_RECV, &call)) return; /* withdrawn meanwhile */
	bool ours = call.data.nr == SYS_bind ? adopt_bind(vps, &call) : adopt_listen(vps, &call);
	/*
	 * Not ours: the call goes on as if nobody had looked. What we read may be changed by another thread before the kernel reads
	 * it again; that wins nothing, since no bind is forbidden here, ours are only made easy.
	 */
	struct seccomp_notif_resp answer = {.id = call.id, .flags = ours ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
	ioctl(source->fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}
