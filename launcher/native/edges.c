/* Edge workers: VPSs of the house's own that are told of every edge socket over a Node IPC channel. */
#include "keeper.h"

/* False: the channel is full. `fd` -1: none. */
static bool send_with_fd(int to, const char *text, int fd) {
	struct {
		struct cmsghdr header;
		int fd;
	} control = {{CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}, fd};
	struct iovec body = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
	if (fd >= 0) message.msg_control = &control, message.msg_controllen = sizeof control;
	return sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)body.iov_len;
}

/* The lines are short: each goes as a whole or not at all. Names are of letters that need no escaping in JSON (PROTOCOL.md). */
static void send_sockets(struct vps *vps) {
	char line[512];
	EACH_HELD(held) {
		if (!held->edges || held->source.fd < 0 || held->serial <= vps->told) continue;
		snprintf(line, sizeof line,
			"{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":{\"innkeeper\":\"listen\",\"name\":\"%s\",\"id\":%u,"
			"\"address\":\"%s\",\"port\":%d}}\n", held->name, held->id, held->text, port_of(&held->address));
		if (!send_with_fd(vps->ipc.fd, line, held->source.fd)) {
			source_change(&vps->ipc, EPOLLIN | EPOLLOUT); /* it is behind: the rest when it can take more */
			return;
		}
		vps->told = held->serial;
	}
	source_change(&vps->ipc, EPOLLIN);
}

void edges_listen(void) { EACH_VPS(vps) if (vps->ipc.fd >= 0) send_sockets(vps); }

/* A worker too far behind to be told is ended: the next one starts without the socket. */
void edges_close(const struct held *held) {
	char line[128];
	snprintf(line, sizeof line, "{\"innkeeper\":\"close\",\"name\":\"%s\"}\n", held->name);
	EACH_VPS(vps) if (vps->told >= held->serial && !send_with_fd(vps->ipc.fd, line, -1)) vps_kill(vps);
}

static void channel_ready(struct source *source, uint32_t events) {
	char unread[4096]; /* Node's NODE_HANDLE_ACK lines */
	if (events & EPOLLOUT) send_sockets(HOLDER(source, struct vps, ipc));
	if (events & ~(uint32_t)EPOLLOUT && recv(source->fd, unread, sizeof unread, MSG_DONTWAIT) == 0) source_close(source);
}

int edge_channel(struct vps *vps, const char *first_line) {
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return -1;
	source_add(&vps->ipc, ends[0], EPOLLIN, channel_ready);
	send_with_fd(ends[0], first_line, -1);
	send_sockets(vps);
	return ends[1];
}
