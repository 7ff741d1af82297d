/* Veils: in a mount namespace of its own, a child sees a covered folder empty but for what is revealed in it. */
#include "keeper.h"

enum { MAX_REVEALS = 64 };

/* The folders above `path`, and the mount point itself: a folder or an empty file. */
static bool make_place(char *path, bool folder) {
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path, 0755) && errno != EEXIST) return false;
		*slash = '/';
	}
	return (folder ? mkdir(path, 0755) : mknod(path, S_IFREG | 0644, 0)) == 0 || errno == EEXIST;
}

static bool is_below(const char *path, const char *cover) {
	size_t length = strlen(cover);
	return !strcmp(cover, "/") || (!strncmp(path, cover, length) && path[length] == '/');
}

/* A root of its own is built over /proc, which is there on every machine, and then made the root. */
static const char *cover(const char *veiled, char **reveals, const int *trees) {
	bool whole = !strcmp(veiled, "/");
	const char *place = whole ? "/proc" : veiled;
	if (mount("veil", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")) return "mount";
	for (int at = 0; reveals[at]; at++) {
		char path[PATH_MAX];
		struct stat kind;
		if (!is_below(reveals[at], veiled)) continue;
		if (snprintf(path, sizeof path, "%s%s", whole ? place : "", reveals[at]) >= PATH_MAX) return refuse(ENAMETOOLONG, "mount");
		if (fstat(trees[at], &kind) || !make_place(path, S_ISDIR(kind.st_mode))) return "mount";
		if (move_mount(trees[at], "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)) return "mount";
	}
	if (mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL)) return "mount";
	if (whole && (chdir(place) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))) return "mount";
	return NULL;
}

/* What is revealed is taken hold of before anything is covered. The step that failed, or NULL. */
const char *veil(char **covers, char **reveals, bool read_only) {
	int trees[MAX_REVEALS];
	struct mount_attr only_read = {.attr_set = MOUNT_ATTR_RDONLY};
	const char *what = NULL;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return "mount";
	for (int at = 0; reveals[at]; at++) {
		if (at == MAX_REVEALS) return refuse(E2BIG, "mount");
		trees[at] = open_tree(AT_FDCWD, reveals[at], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		if (trees[at] < 0) return "mount";
		if (read_only && mount_setattr(trees[at], "", AT_EMPTY_PATH | AT_RECURSIVE, &only_read, sizeof only_read)) return "mount";
	}
	for (int at = 0; covers[at] && !what; at++) what = cover(covers[at], reveals, trees);
	return what;
}
