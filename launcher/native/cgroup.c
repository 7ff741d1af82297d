/* The server's folder in the cgroup2 tree: keeper (guarded), house (launcher, edges, scribe) and a vps-<id> each. */
#include "keeper.h"

const char *cgroup_folder;
int cgroup_house = -1, cgroup_keeper = -1;
static int root = -1;       /* the server's folder */
static char home[PATH_MAX]; /* cgroup.procs of the cgroup that the keeper was started in, to go back to at the end */

bool cgroup_populated(int events) {
	char text[128] = "";
	return pread(events, text, sizeof text - 1, 0) > 0 && strstr(text, "populated 1");
}

/* Kills what is in the tree and removes it; waits for up to 5 s, since there is no house without its folder. */
static void sweep(void) {
	write_text(root, "cgroup.kill", "1");
	int events = openat(root, "cgroup.events", O_RDONLY | O_CLOEXEC);
	for (int tries = 0; tries < 50 && cgroup_populated(events); tries++)
		poll(&(struct pollfd){.fd = events, .events = POLLPRI}, 1, 100);
	close_fd(&events);
	DIR *listing = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (struct dirent *entry; listing && (entry = readdir(listing));)
		for (int tries = 0; tries < 50 && entry->d_type == DT_DIR && entry->d_name[0] != '.' && !cgroup_remove(entry->d_name);
		     tries++) usleep(1000);
	if (listing) closedir(listing);
}

static void find_home(void) {
	char line[PATH_MAX], path[PATH_MAX / 4] = "/", mount[PATH_MAX / 4] = "/sys/fs/cgroup";
	read_text("/proc/self/cgroup", line, sizeof line);
	if (strstr(line, "0::")) sscanf(strstr(line, "0::"), "0::%1023s", path);
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	while (mounts && fgets(line, sizeof line, mounts))
		if (strstr(line, " - cgroup2 ")) sscanf(line, "%*s %*s %*s %*s %1023s", mount);
	if (mounts) fclose(mounts);
	snprintf(home, sizeof home, "%s%s/cgroup.procs", mount, path);
}

void cgroup_start(const char *folder) {
	cgroup_folder = folder;
	find_home();
	if (mkdir(folder, 0755) && errno != EEXIST) die(1, folder, strerror(errno));
	root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) die(1, folder, strerror(errno));
	sweep();
	cgroup_keeper = cgroup_make("keeper");
	cgroup_house = cgroup_make("house");
	if (cgroup_house < 0 || !write_text(cgroup_keeper, "cgroup.procs", "0")) die(1, folder, strerror(errno));
}

int cgroup_make(const char *name) {
	if (mkdirat(root, name, 0755) && errno != EEXIST) return -1;
	return openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool cgroup_remove(const char *name) {
	return unlinkat(root, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

void cgroup_end(void) {
	if (root >= 0 && write_text(AT_FDCWD, home, "0")) sweep();
	if (root >= 0 && rmdir(cgroup_folder)) fprintf(stderr, "innkeeper: keeper: %s: %s\n", cgroup_folder, strerror(errno));
}
