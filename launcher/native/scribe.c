/*
 * The scribe: a thread that drains what tenants say into size-capped files, for a disk that does not answer must hold up nothing
 * else. A log is its own from scribe_take() until it gives it back, its last byte written.
 */
#include "keeper.h"

enum { CHUNK = 64 << 10, BUDGET_PER_SECOND = 16 << 20, PIPE_SIZE = 1 << 20 };
static struct source returned = {.fd = -1};
static int desk = -1, give_back = -1, taken; /* the scribe's epoll; the other end of `returned`; logs that the scribe has */

/* ---- the scribe ---- */

static void rotate(struct log *log) {
	char from[PATH_MAX], to[PATH_MAX];
	close_fd(&log->file);
	for (int number = (int)log->files - 1; number > 0; number--) {
		snprintf(to, sizeof to, "%s.%d", log->path, number);
		snprintf(from, sizeof from, number > 1 ? "%s.%d" : "%s", log->path, number - 1);
		rename(from, to);
	}
	if (log->files <= 1) unlink(log->path);
}

/* How many bytes the file takes; 0: none can be opened. A full one makes way first, so often that a full one in its place does too. */
static uint64_t room_in(struct log *log) {
	for (int tries = 0; tries < 3; tries++) {
		if (log->file < 0) log->file = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
		if (log->file < 0) return 0;
		off_t end = lseek(log->file, 0, SEEK_END);
		if (end >= 0 && (uint64_t)end < log->size) return log->size - (uint64_t)end;
		rotate(log);
	}
	return 0;
}

/* Takes one chunk; what is over the second's budget or cannot be written is lost. False: nothing is there, or never again. */
static bool drain(struct log *log) {
	static char chunk[CHUNK];
	if (log->second != now_ms() / 1000) log->second = now_ms() / 1000, log->budget = BUDGET_PER_SECOND;
	uint64_t room = log->budget ? room_in(log) : 0;
	if (room == 0) {
		ssize_t dropped = splice(log->pipe, NULL, house.null, NULL, 1 << 20, SPLICE_F_NONBLOCK);
		log->budget = 0;
		log->lost += dropped > 0 ? (uint64_t)dropped : 0;
		return dropped > 0;
	}
	if (room > CHUNK) room = CHUNK;
	if (room > log->budget) room = log->budget;
	ssize_t got = read(log->pipe, chunk, room), put = got > 0 ? write(log->file, chunk, (size_t)got) : 0;
	if (got <= 0) return false;
	log->budget = put < 0 ? 0 : log->budget - (uint64_t)got;
	log->lost += (uint64_t)(put < 0 ? got : got - put);
	if (put < 0) close_fd(&log->file);
	return true;
}

static void *scribe_run(void *none) {
	struct epoll_event ready;
	while (true) {
		if (epoll_wait(desk, &ready, 1, -1) != 1) continue;
		struct log *log = ready.data.ptr;
		if (drain(log) || !(ready.events & EPOLLHUP)) continue;
		epoll_ctl(desk, EPOLL_CTL_DEL, log->pipe, NULL);
		if (write(give_back, &log, sizeof log) != sizeof log) die(1, "scribe", strerror(errno));
	}
	return none;
}

/* ---- the keeper ---- */

struct log *log_open(struct vps *vps, const char *path, int pipe, uint64_t size, uint64_t files) {
	struct log *log = claim(sizeof *log + strlen(path) + 1);
	*log = (struct log){.vps = vps, .pipe = pipe, .file = -1, .size = size, .files = files};
	strcpy(log->path, path);
	fcntl(pipe, F_SETFL, O_NONBLOCK);
	fcntl(pipe, F_SETPIPE_SZ, PIPE_SIZE); /* where the user may not have so much, it stays at 64 KiB */
	return log;
}

void log_close(struct log *log) {
	close_fd(&log->pipe), close_fd(&log->file);
	free(log);
}

void log_part(struct log *log) {
	log->vps->lost = log->lost;
	log->vps->log = NULL;
	log->vps = NULL;
}

void scribe_take(struct log *log) {
	if (epoll_ctl(desk, EPOLL_CTL_ADD, log->pipe, &(struct epoll_event){EPOLLIN, {.ptr = log}})) die(1, "scribe", strerror(errno));
	taken++;
}

static void take_back(struct source *source, uint32_t events) {
	struct log *log;
	if (read(source->fd, &log, sizeof log) != sizeof log) return;
	struct vps *vps = log->vps;
	if (vps) log_part(log);
	log_close(log);
	taken--;
	if (vps) vps_settle(vps);
}

void scribe_start(void) {
	int ends[2];
	pthread_t thread;
	desk = epoll_create1(EPOLL_CLOEXEC);
	if (desk < 0 || pipe2(ends, O_CLOEXEC)) die(1, "scribe", strerror(errno));
	source_add(&returned, ends[0], EPOLLIN, take_back);
	give_back = ends[1];
	if ((errno = pthread_create(&thread, NULL, scribe_run, NULL))) die(1, "scribe", strerror(errno));
}

void scribe_end(void) {
	struct pollfd fd = {.fd = returned.fd, .events = POLLIN};
	while (taken > 0 && poll(&fd, 1, FLUSH_MS) > 0) take_back(&returned, POLLIN);
}
