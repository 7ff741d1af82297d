/* The server's folder in the cgroup2 tree: keeper (guarded), house (launcher, edges, scribe) and a vps-<id> each. */
#include "keeper.h"
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>

const char *cgroup_folder;
int cgroup_house = -1, cgroup_keeper = -1;
static int root = -1;          /* the server's folder */
static char home[PATH_MAX];    /* cgroup.procs of the cgroup that the keeper was started in */

static bool put(int folder, const char *file, const char *text)
{
	int fd = openat(folder, file, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;
	close_fd(&fd);
	return done;
}

bool cgroup_populated(int events)
{
	char text[128] = "";
	return pread(events, text, sizeof text - 1, 0) > 0 && strstr(text, "populated 1");
}

/* Kills what is in the tree and removes it; waits for up to 5 s, since there is no house without its folder. */
static void sweep(void)
{
	put(root, "cgroup.kill", "1");
	int events = openat(root, "cgroup.events", O_RDONLY | O_CLOEXEC);
	for (int tries = 0; tries < 50 && cgroup_populated(events); tries++) {
		struct pollfd changed = {.fd = events, .events = POLLPRI};
		poll(&changed, 1, 100);
	}
	close_fd(&events);
	DIR *listing = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (struct dirent *entry; listing && (entry = readdir(listing));)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			for (int tries = 0; tries < 50 && !cgroup_remove(entry->d_name) && errno == EBUSY; tries++) usleep(1000);
	if (listing) closedir(listing);
}

/* Where the keeper is now, to go back to at the end: a cgroup that holds a process cannot be removed. */
static void find_home(void)
{
	char line[PATH_MAX], path[PATH_MAX / 2] = "/", mount[PATH_MAX / 2] = "/sys/fs/cgroup";
	FILE *file = fopen("/proc/self/cgroup", "re");
	while (file && fgets(line, sizeof line, file)) sscanf(line, "0::%2047s", path);
	if (file) fclose(file);
	file = fopen("/proc/self/mountinfo", "re");
	while (file && fgets(line, sizeof line, file))
		if (strstr(line, " - cgroup2 ")) sscanf(line, "%*s %*s %*s %*s %2047s", mount);
	if (file) fclose(file);
	snprintf(home, sizeof home, "%s%s/cgroup.procs", mount, path);
}

void cgroup_start(const char *folder)
{
	cgroup_folder = folder;
	find_home();
	if (mkdir(folder, 0755) && errno != EEXIST) die(1, folder, strerror(errno));
	root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) die(1, folder, strerror(errno));
	sweep();
	cgroup_keeper = cgroup_make("keeper");
	cgroup_house = cgroup_make("house");
	if (cgroup_keeper < 0 || cgroup_house < 0) die(1, folder, strerror(errno));
	if (!put(cgroup_keeper, "cgroup.procs", "0")) die(1, "cannot enter its cgroup", strerror(errno));
}

int cgroup_make(const char *name)
{
	if (mkdirat(root, name, 0755) && errno != EEXIST) return -1;
	return openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool cgroup_remove(const char *name)
{
	return unlinkat(root, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

void cgroup_end(void)
{
	if (root < 0) return;
	if (put(AT_FDCWD, home, "0")) sweep();
	if (rmdir(cgroup_folder)) fprintf(stderr, "innkeeper: keeper: %s: %s\n", cgroup_folder, strerror(errno));
}
