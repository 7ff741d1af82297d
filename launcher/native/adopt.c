/* Adoption: a program's bind(2) is answered with the socket that the keeper holds, its listen(2) without being done. */
#include "keeper.h"

#define WAIT_KILLABLE (1UL << 5) /* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19 */
#define SET_FLAGS SECCOMP_IOW(4, __u64) /* SECCOMP_IOCTL_NOTIF_SET_FLAGS, Linux 6.6 */
#define SYNC_WAKE_UP 1ULL
#if defined __x86_64__
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif
#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define JUMP(test, value, yes, no) BPF_JUMP(BPF_JMP | test | BPF_K, value, yes, no)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

/* Calls of another architecture, of x32 (bit 30) and of io_uring would get by the filter: they do not exist here. */
int install_filter(void) {
	struct sock_filter code[] = {
		LOAD(arch), JUMP(BPF_JEQ, OUR_ARCHITECTURE, 0, 7),
		LOAD(nr), JUMP(BPF_JEQ, SYS_bind, 3, 0), JUMP(BPF_JEQ, SYS_listen, 2, 0), JUMP(BPF_JEQ, SYS_io_uring_setup, 3, 0),
		JUMP(BPF_JGE, 0x40000000, 2, 1),
		RETURN(SECCOMP_RET_USER_NOTIF), RETURN(SECCOMP_RET_ALLOW), RETURN(SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};
	unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | WAIT_KILLABLE, &program);
	if (fd < 0 && errno == EINVAL) fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (fd >= 0) ioctl((int)fd, SET_FLAGS, SYNC_WAKE_UP); /* older kernels: as well, only slower */
	return (int)fd;
}

bool can_adopt(void) {
	int status = 1;
	pid_t pid = fork();
	if (pid == 0) _exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || install_filter() < 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* The process of a thread: only that can be asked for its fds (pidfd_open(2)). */
static int process_fd(pid_t thread) {
	char path[48], text[4096];
	int fd = (int)syscall(SYS_pidfd_open, thread, 0), process;
	snprintf(path, sizeof path, "/proc/%d/status", thread);
	if (fd >= 0 || !read_text(path, text, sizeof text) || !strstr(text, "\nTgid:")) return fd;
	return sscanf(strstr(text, "\nTgid:"), "\nTgid: %d", &process) == 1 ? (int)syscall(SYS_pidfd_open, process, 0) : -1;
}

/* The program's own TCP socket, -1 where it is none. */
static int own_socket(const struct seccomp_notif *call) {
	int protocol = 0, process = process_fd((pid_t)call->pid);
	int fd = (int)syscall(SYS_pidfd_getfd, process, (int)call->data.args[0], 0);
	close_fd(&process);
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &(socklen_t){sizeof protocol});
	if (protocol != IPPROTO_TCP) close_fd(&fd);
	return fd;
}

/* The open(2) flags of the program's fd, O_CLOEXEC too. */
static unsigned own_flags(const struct seccomp_notif *call) {
	char path[64], text[256];
	unsigned flags = 0;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)call->pid, (int)call->data.args[0]);
	if (read_text(path, text, sizeof text) && strstr(text, "flags:")) sscanf(strstr(text, "flags:"), "flags: %o", &flags);
	return flags;
}

/* By port; the exact address is better than another, one not adopted yet better than one that is. -1: none. */
static int match(const struct vps *vps, const struct sockaddr_storage *wish) {
	int best = -1, best_rank = -1;
	for (int at = 0; at < vps->socket_count; at++) {
		const struct held *held = vps->sockets[at];
		if (!held || held->source.fd < 0 || held->stands_for != port_of(wish)) continue;
		const struct sockaddr_in6 *ours = (const void *)&held->address, *theirs = (const void *)wish;
		bool exact = held->address.ss_family == wish->ss_family && (wish->ss_family == AF_INET
			? ((const struct sockaddr_in *)ours)->sin_addr.s_addr == ((const struct sockaddr_in *)theirs)->sin_addr.s_addr
			: !memcmp(&ours->sin6_addr, &theirs->sin6_addr, sizeof ours->sin6_addr));
		int rank = exact ? 2 : !vps->bound[at];
		if (rank > best_rank) best = at, best_rank = rank;
	}
	return best;
}

/* The number of the held socket that stands in the place of the program's own now; -1: none. */
static int adopt_bind(const struct vps *vps, const struct seccomp_notif *call) {
	struct sockaddr_storage wish = {0};
	struct iovec here = {&wish, sizeof wish}, there = {(void *)(uintptr_t)call->data.args[1], sizeof wish};
	if (call->data.args[2] < there.iov_len) there.iov_len = call->data.args[2];
	if (process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0) < (ssize_t)sizeof(struct sockaddr_in)) return -1;
	if (wish.ss_family != AF_INET && wish.ss_family != AF_INET6) return -1;
	int at = match(vps, &wish), own = at < 0 ? -1 : own_socket(call);
	if (own < 0) return -1;
	int held = held_handed(vps->sockets[at]);
	unsigned flags = own_flags(call);
	struct seccomp_notif_addfd add = {.id = call->id, .flags = SECCOMP_ADDFD_FLAG_SETFD, .srcfd = (uint32_t)held,
	                                  .newfd = (uint32_t)call->data.args[0], .newfd_flags = flags & O_CLOEXEC};
	bool ours = ioctl(vps->binds.fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0; /* what was read is of this very caller */
	if (ours) copy_options(own, held);
	if (ours && flags & O_NONBLOCK) fcntl(held, F_SETFL, O_NONBLOCK);
	ours = ours && ioctl(vps->binds.fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0;
	close_fd(&own);
	return ours ? at : -1;
}

/* The number of the held socket that the program calls listen(2) on; -1: none. */
static int adopt_listen(const struct vps *vps, const struct seccomp_notif *call) {
	int own = own_socket(call), at = 0;
	uint64_t cookie = cookie_of(own);
	close_fd(&own);
	while (at < vps->socket_count && (!vps->sockets[at] || vps->sockets[at]->cookie != cookie)) at++;
	return cookie && at < vps->socket_count ? at : -1;
}

/* The port that a call is about, which is about no socket of ours; 0: none that a visitor could mean. */
static int stray_port(const struct seccomp_notif *call, bool is_bind) {
	struct sockaddr_storage address = {0};
	struct iovec here = {&address, sizeof address}, there = {(void *)(uintptr_t)call->data.args[1], sizeof address};
	int own = own_socket(call);
	if (own < 0) return 0;
	if (call->data.args[2] < there.iov_len) there.iov_len = call->data.args[2];
	if (is_bind) process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0);
	else getsockname(own, (struct sockaddr *)&address, &(socklen_t){sizeof address});
	close_fd(&own);
	return address.ss_family == AF_INET || address.ss_family == AF_INET6 ? port_of(&address) : 0;
}

/* For people who wonder why nobody can reach the program; a few ports, each once. */
static void tell_stray(struct vps *vps, const struct seccomp_notif *call, bool is_bind) {
	int port = vps->stray_count < MAX_STRAYS ? stray_port(call, is_bind) : 0;
	int stray = is_bind ? port : -port;
	for (int at = 0; at < vps->stray_count; at++)
		if (vps->strays[at] == stray) return;
	if (port == 0) return;
	vps->strays[vps->stray_count++] = stray;
	event("elsewhere", "id=%d instance=%l call=%s port=%d", vps->id, vps->instance, is_bind ? "bind" : "listen", port);
}

void adopt_ready(struct source *source, uint32_t events) {
	struct vps *vps = HOLDER(source, struct vps, binds);
	struct seccomp_notif call = {0};
	if (!(events & EPOLLIN)) source_close(source); /* EPOLLHUP: the last task under the filter is gone */
	if (!(events & EPOLLIN) || !vps_spend(vps) || ioctl(source->fd, SECCOMP_IOCTL_NOTIF_RECV, &call)) return; /* or withdrawn */
	bool is_bind = call.data.nr == SYS_bind;
	int at = is_bind ? adopt_bind(vps, &call) : adopt_listen(vps, &call);
	bool *said = at < 0 ? NULL : is_bind ? &vps->bound[at] : &vps->listening[at];
	if (said && !*said)
		event(is_bind ? "bound" : "listening", "id=%d instance=%l name=%s", vps->id, vps->instance, vps->sockets[at]->name);
	if (said) *said = true;
	else tell_stray(vps, &call, is_bind);
	/*
	 * Not ours: the call goes on as if nobody had looked. What we read may be changed by another thread before the kernel reads
	 * it again; that wins nothing, since no bind is forbidden here, ours are only made easy.
	 */
	struct seccomp_notif_resp answer = {.id = call.id, .flags = said ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
	ioctl(source->fd, SECCOMP_IOCTL_NOTIF_SEND, &answer); /* the last of the turn: a synchronous wake-up is given our processor */
}
