/* NOTIFY_SOCKET (sd_notify(3)): an abstract datagram socket per VPS, believed from the processes of that VPS alone. */
#include "keeper.h"

enum { LARGEST_NOTICE = 4096 };

/* A sender that is gone already has no cgroup: it is believed by its user id, where that is not the keeper's. */
static bool is_from(const struct vps *vps, const struct ucred *sender) {
	const struct vps *owner = owner_of(sender->pid);
	if (owner || (sender->pid > 0 && kill(sender->pid, 0) == 0)) return owner == vps;
	return sender->uid == vps->uid && sender->uid != geteuid();
}

static void words_ready(struct source *source, uint32_t events) {
	struct vps *vps = HOLDER(source, struct vps, words);
	if (!vps_spend(vps)) return;
	if (protocol_behind()) return source_change(source, 0); /* it is left in the senders' queue until the next refill */
	char text[LARGEST_NOTICE + 1], control[CMSG_SPACE(sizeof(struct ucred))]; /* no room for fds: the kernel closes any */
	struct iovec body = {text, LARGEST_NOTICE};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(source->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	struct ucred sender;
	if (!header || header->cmsg_type != SCM_CREDENTIALS || message.msg_flags & MSG_TRUNC) return;
	memcpy(&sender, CMSG_DATA(header), sizeof sender);
	if (!is_from(vps, &sender)) return;
	text[length] = 0;
	free(vps->notified);
	vps->notified = copy_of(text);
	event("notify", "id=%d instance=%l text=%s", vps->id, vps->instance, text);
}

void notify_open(struct vps *vps) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(vps->notify, sizeof vps->notify, "NOTIFY_SOCKET=@innkeeper/%d/%u/%" PRIu64, getpid(), vps->id, vps->instance);
	strcpy(address.sun_path + 1, strchr(vps->notify, '@') + 1);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(strchr(vps->notify, '@')));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
	/* Where somebody sits on the name, the program has nobody to tell; it is started all the same. */
	if (bind(fd, (struct sockaddr *)&address, size)) close_fd(&fd);
	else source_add(&vps->words, fd, EPOLLIN, words_ready);
}
