/*
 * NOTIFY_SOCKET (sd_notify(3)): a datagram socket per VPS, believed from the processes of that VPS alone. It is a file that the VPS's
 * user alone may write to: nobody else can have it first, fill its queue, or use up the VPS's budget.
 */
#include "keeper.h"
#include <sys/random.h>

enum { LARGEST_NOTICE = 4096 };
static char folder[PATH_MAX]; /* of the sockets; others pass through it and list nothing */
static int place = -1;

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

/* What a keeper that was killed left behind goes; the folder too, where `all`. */
static void sweep(bool all) {
	DIR *listing = fdopendir(openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (struct dirent *entry; listing && (entry = readdir(listing));) unlinkat(place, entry->d_name, 0);
	if (listing) closedir(listing);
	if (all) rmdir(folder);
}

void notify_start(const char *run) {
	snprintf(folder, sizeof folder, "%s/notices", run);
	if (mkdir(folder, 0711) && errno != EEXIST) die(1, folder, strerror(errno));
	place = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0 || fchmod(place, 0711)) die(1, folder, strerror(errno)); /* whatever the umask was */
	sweep(false);
}

void notify_end(void) { sweep(true); }

/*
 * Where there can be no file (`run` is too long for a socket's path, or on a disk without room): a name in the abstract namespace
 * that nobody can guess, though anybody can write to it.
 */
static socklen_t unguessable(struct sockaddr_un *address) {
	uint64_t random[2];
	if (getrandom(random, sizeof random, 0) != sizeof random) return 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)snprintf(address->sun_path + 1,
		sizeof address->sun_path - 1, "innkeeper/%016" PRIx64 "%016" PRIx64, random[0], random[1]));
}

/*
 * A file is its owner's alone to write to, under the keeper's umask. Root may have left its user behind by the time it speaks: then
 * its socket takes words from everybody. False: errno.
 */
static bool own_file(const struct vps *vps) {
	if (vps->uid != geteuid()) return fchownat(place, vps->file, vps->uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) == 0;
	return vps->uid != 0 || fchmodat(place, vps->file, 0666, 0) == 0;
}

static bool bind_name(struct vps *vps, int fd, struct sockaddr_un *address) {
	socklen_t size = unguessable(address);
	vps->file[0] = 0;
	snprintf(vps->notify, sizeof vps->notify, "NOTIFY_SOCKET=@%s", address->sun_path + 1);
	return size > 0 && bind(fd, (const struct sockaddr *)address, size) == 0;
}

static bool bind_notify(struct vps *vps, int fd) {
	struct sockaddr_un address = {.sun_family = AF_UNIX}, name = address;
	snprintf(vps->file, sizeof vps->file, "%u-%" PRIu64, vps->id, vps->instance);
	if (strlen(folder) + 1 + strlen(vps->file) >= sizeof address.sun_path) return bind_name(vps, fd, &name);
	strcat(strcat(strcpy(address.sun_path, folder), "/"), vps->file);
	snprintf(vps->notify, sizeof vps->notify, "NOTIFY_SOCKET=%s", address.sun_path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address)) return bind_name(vps, fd, &name);
	return own_file(vps);
}

/* Where it cannot be made, the program has nobody to tell; it is started all the same. */
void notify_open(struct vps *vps) {
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
	if (bind_notify(vps, fd)) source_add(&vps->words, fd, EPOLLIN, words_ready);
	else close_fd(&fd);
}

void notify_close(struct vps *vps) {
	source_close(&vps->words);
	if (vps->file[0]) unlinkat(place, vps->file, 0);
}
