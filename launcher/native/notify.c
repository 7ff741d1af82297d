/* NOTIFY_SOCKET (sd_notify(3)): an abstract datagram socket per VPS, believed from the processes of that VPS alone. */
#include "keeper.h"
#include <sys/un.h>

enum { LARGEST_NOTICE = 4096 };

void notify_open(struct vps *vps)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int on = 1;
	snprintf(vps->notify_name, sizeof vps->notify_name, "innkeeper/%d/%u/%llu", getpid(), vps->id,
	         (unsigned long long)vps->instance);
	strcpy(address.sun_path + 1, vps->notify_name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(vps->notify_name));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) || bind(fd, (struct sockaddr *)&address, size)) {
		close_fd(&fd); /* somebody sits on the name: the program has nobody to tell, and is started all the same */
		return;
	}
	source_add(&vps->words, fd, EPOLLIN, notify_ready);
}

/* A sender that is gone already has no cgroup: it is believed by a user id that no other VPS has. */
static bool is_from(const struct vps *vps, const struct ucred *sender)
{
	struct vps *owner = owner_of(sender->pid);
	if (owner) return owner == vps;
	if (sender->pid > 0 && kill(sender->pid, 0) == 0) return false;
	if (sender->uid != vps->uid || sender->uid == geteuid()) return false;
	for (const struct vps *other = all_vps; other; other = other->next)
		if (other != vps && other->uid == vps->uid) return false;
	return true;
}

void notify_ready(struct source *source, uint32_t events)
{
	struct vps *vps = HOLDER(source, struct vps, words);
	(void)events;
	if (!vps_spend(vps)) return;
	if (protocol_behind()) { /* what nobody takes is left in the sender's queue until the next refill */
		source_change(source, 0);
		return;
	}
	char text[LARGEST_NOTICE + 1];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))]; /* no room for fds: the kernel closes what is sent along */
	} control;
	struct iovec body = {text, LARGEST_NOTICE};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(source->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (!header || header->cmsg_type != SCM_CREDENTIALS || message.msg_flags & MSG_TRUNC) return;
	struct ucred sender;
	memcpy(&sender, CMSG_DATA(header), sizeof sender);
	if (!is_from(vps, &sender)) return;
	text[length] = 0;
	free(vps->notified);
	vps->notified = copy_of(text);
	event("notify");
	field("id", "%u", vps->id);
	field("instance", "%llu", (unsigned long long)vps->instance);
	field("text", "%s", text);
	event_end();
}
