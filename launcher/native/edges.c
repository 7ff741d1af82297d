/* Edge workers: VPSs of the house's own that are told of every edge socket over a Node IPC channel. */
#include "keeper.h"

/* The lines are short: each goes as a whole or not at all. Names are of letters that need no escaping in JSON (PROTOCOL.md). */
static void send_sockets(struct vps *vps) {
	char line[512];
	EACH(held, held) {
		if (!held->edges || held->source.fd < 0 || held->serial <= vps->told) continue;
		int length = snprintf(line, sizeof line,
			"{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":{\"innkeeper\":\"listen\",\"name\":\"%s\",\"id\":%u,"
			"\"address\":\"%s\",\"port\":%d}}\n", held->name, held->id, address_text(held), port_of(&held->address));
		if (!send_with_fd(vps->ipc.fd, line, (size_t)length, held->source.fd)) {
			source_change(&vps->ipc, EPOLLIN | EPOLLOUT); /* it is behind: the rest when it can take more */
			return;
		}
		vps->told = held->serial;
	}
	source_change(&vps->ipc, EPOLLIN);
}

void edges_listen(void) {
	EACH(vps, vps) if (vps->ipc.fd >= 0) send_sockets(vps);
}

/* A worker too far behind to be told is ended: the next one starts without the socket. */
void edges_close(const struct held *held) {
	char line[128];
	int length = snprintf(line, sizeof line, "{\"innkeeper\":\"close\",\"name\":\"%s\"}\n", held->name);
	EACH(vps, vps)
		if (vps->told >= held->serial && !send_with_fd(vps->ipc.fd, line, (size_t)length, -1)) vps_kill(vps);
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
	send_with_fd(ends[0], first_line, strlen(first_line), -1);
	send_sockets(vps);
	return ends[1];
}
