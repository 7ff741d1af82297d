/* The server's folder in the cgroup2 tree: keeper (guarded), house (launcher, edges, scribe) and a vps-<id> each. */
#include "keeper.h"

const char *cgroup_folder;
int cgroup_house = -1;
static int root = -1; /* the server's folder */

bool cgroup_populated(int events) {
	char text[128] = "";
	return pread(events, text, sizeof text - 1, 0) > 0 && strstr(text, "populated 1");
}

/* Kills what is in the tree and removes it; waits for up to 5 s, since there is no house without its folder. */
static void sweep(void) {
	write_text(root, "cgroup.kill", "1");
	int events = openat(root, "cgroup.events", O_RDONLY | O_CLOEXEC);
	for (int tries = 0; tries < 5000 && cgroup_populated(events); tries++) usleep(1000);
	close_fd(&events);
	DIR *listing = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (struct dirent *entry; listing && (entry = readdir(listing));)
		for (int tries = 0; tries < 50 && entry->d_type == DT_DIR && entry->d_name[0] != '.' && !cgroup_remove(entry->d_name);
		     tries++) usleep(1000);
	if (listing) closedir(listing);
}

void cgroup_start(const char *folder) {
	cgroup_folder = folder;
	if (mkdir(folder, 0755) && errno != EEXIST) die(1, folder, strerror(errno));
	root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) die(1, folder, strerror(errno));
	sweep();
	int keeper = cgroup_make("keeper");
	cgroup_house = cgroup_make("house");
	if (cgroup_house < 0 || !write_text(keeper, "cgroup.procs", "0")) die(1, folder, strerror(errno));
	house.guarded = guard(keeper);
}

int cgroup_make(const char *name) {
	if (mkdirat(root, name, 0755) && errno != EEXIST) return -1;
	return openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool cgroup_remove(const char *name) { return unlinkat(root, name, AT_REMOVEDIR) == 0 || errno == ENOENT; }

void cgroup_end(void) {
	if (root >= 0 && write_text(root, "../cgroup.procs", "0")) sweep(); /* who is inside cannot remove it */
	if (root >= 0 && rmdir(cgroup_folder)) say_last(cgroup_folder, strerror(errno));
}
