/* Whether a VPS still has a socket of ours: the keeper holds it too, so that its listening tells nothing of the program. */
#include "keeper.h"

enum { MOST_LOOKED_AT = 20000 }; /* fds, in all of its processes: a VPS can make the keeper look, but not for long */

struct search {
	char link[32]; /* what /proc says of the socket's fd (proc_pid_fd(5)) */
	int left;      /* fds that may still be looked at */
	bool found;
};

static void search_fds(DIR *fds, struct search *search) {
	bool any = false;
	for (struct dirent *entry; !search->found && search->left > 0 && (entry = readdir(fds)); search->left--) {
		char target[sizeof search->link] = "";
		if (entry->d_name[0] == '.') continue;
		any = true;
		if (readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1) > 0) search->found = !strcmp(target, search->link);
	}
	/* Of one whose first thread has ended, /proc shows none; and what was not looked at may be it. */
	if (!any || search->left <= 0) search->found = true;
}

static void search_process(struct vps *vps, pid_t pid, void *context) {
	char path[32];
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *fds = opendir(path);
	if (!fds) return; /* it is gone, or a zombie */
	search_fds(fds, context);
	closedir(fds);
}

/* In doubt it holds it: a program that is called deaf is stopped. */
REQUEST(holds) {
	const struct held *socket = held_of(text_of(message, "name"));
	struct search search = {.left = MOST_LOOKED_AT};
	struct stat status;
	if (!socket || socket->id != vps->id) return refuse(ENOENT, "name");
	if (held_handed(socket) < 0 || fstat(held_handed(socket), &status)) return refuse(EBADF, "socket");
	snprintf(search.link, sizeof search.link, "socket:[%lu]", (unsigned long)status.st_ino);
	vps_each(vps, search_process, &search);
	return reply("held=%d", search.found);
}
