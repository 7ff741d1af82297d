/*
 * The scribe: a thread that drains what tenants say into size-capped files, and what the house says (lines.c), for a disk or a pipe
 * that does not answer must hold up nothing else. A log is its own from scribe_take() until it gives it back, its last byte written.
 */
#include "keeper.h"

enum { CHUNK = 64 << 10, BUDGET_PER_SECOND = 16 << 20, PIPE_SIZE = 1 << 20 };
static struct source returned = {.fd = -1}, orders = {.fd = -1}, obeyed = {.fd = -1};
static int desk = -1;                      /* the scribe's epoll */
static int give_back = -1, give_order = -1, give_answer = -1; /* the other ends of `returned`, `orders` and `obeyed` */
static int taken;                          /* logs that the scribe has */
static bool finished;                      /* nothing of the house's is left to be written */

/* ---- the scribe ---- */

void rotate(const char *path, uint64_t files) {
	char from[PATH_MAX], to[PATH_MAX];
	for (int number = (int)files - 1; number > 0; number--) {
		snprintf(to, sizeof to, "%s.%d", path, number);
		snprintf(from, sizeof from, number > 1 ? "%s.%d" : "%s", path, number - 1);
		rename(from, to);
	}
	if (files <= 1) unlink(path);
}

/* False where another log of the same path (two instances side by side) has moved the file away already. */
static bool in_place(const struct log *log) {
	struct stat own, there;
	if (fstat(log->file, &own) || lstat(log->path, &there)) return false;
	return own.st_dev == there.st_dev && own.st_ino == there.st_ino;
}

/* How many bytes the file takes; 0: none can be opened. A full one makes way first, so often that a full one in its place does too. */
static uint64_t room_in(struct log *log) {
	for (int tries = 0; tries < 3; tries++) {
		if (log->file < 0) log->file = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
		if (log->file < 0) return 0;
		off_t end = lseek(log->file, 0, SEEK_END);
		if (end >= 0 && (uint64_t)end < log->size) return log->size - (uint64_t)end;
		if (in_place(log)) rotate(log->path, log->files);
		close_fd(&log->file);
	}
	return 0;
}

/* What cannot be written is told once it can be again: who speaks on does not tell at each line. */
static void failed(struct log *log, int error) {
	if (log->error) return;
	log->error = error;
	log->lost_before = log->lost;
}

static void recovered(struct log *log) {
	if (!log->error) return;
	lines_tell("%s can be written again; %" PRIu64 " bytes were lost: %s", log->path, log->lost - log->lost_before,
	           strerror(log->error));
	log->error = 0;
}

/* Takes one chunk; what is over the second's budget or cannot be written is lost. False: nothing is there, or never again. */
static bool drain(struct log *log) {
	static char chunk[CHUNK];
	if (log->second != now_ms() / 1000) log->second = now_ms() / 1000, log->budget = BUDGET_PER_SECOND;
	uint64_t room = log->budget ? room_in(log) : 0;
	if (room == 0) {
		if (log->budget) failed(log, errno);
		ssize_t dropped = splice(log->pipe.fd, NULL, house.null, NULL, 1 << 20, SPLICE_F_NONBLOCK);
		log->budget = 0;
		log->lost += dropped > 0 ? (uint64_t)dropped : 0;
		return dropped > 0;
	}
	if (room > CHUNK) room = CHUNK;
	if (room > log->budget) room = log->budget;
	ssize_t got = read(log->pipe.fd, chunk, room), put = got > 0 ? write(log->file, chunk, (size_t)got) : 0;
	if (got <= 0) return false;
	if (put < 0) failed(log, errno);
	else recovered(log);
	log->budget = put < 0 ? 0 : log->budget - (uint64_t)got;
	log->lost += (uint64_t)(put < 0 ? got : got - put);
	if (put < 0) close_fd(&log->file);
	return true;
}

static void hand_back(const struct log *log) {
	if (write(give_back, &log, sizeof log) != sizeof log) die(1, "scribe", strerror(errno));
}

static void log_ready(struct source *pipe, uint32_t events) {
	struct log *log = HOLDER(pipe, struct log, pipe);
	if (drain(log) || !(events & EPOLLHUP)) return;
	scribe_leave(pipe);
	hand_back(log);
}

static void ordered(struct source *source, uint32_t events) {
	struct order *order;
	if (read(source->fd, &order, sizeof order) != sizeof order || !lines_obey(order)) return;
	if (write(give_answer, &order, sizeof order) != sizeof order) die(1, "scribe", strerror(errno));
}

static void *scribe_run(void *none) {
	struct epoll_event ready;
	bool told = false;
	while (true) {
		if (epoll_wait(desk, &ready, 1, outlets_wait()) == 1) {
			struct source *source = ready.data.ptr;
			source->ready(source, ready.events);
		}
		if (!lines_write() || told) continue;
		told = true;
		hand_back(NULL); /* the house ends, and has nothing more to say */
	}
	return none;
}

bool scribe_attend(struct source *source, uint32_t events) {
	return epoll_ctl(desk, EPOLL_CTL_ADD, source->fd, &(struct epoll_event){events, {.ptr = source}}) == 0;
}

void scribe_leave(const struct source *source) { epoll_ctl(desk, EPOLL_CTL_DEL, source->fd, NULL); }

/* ---- the keeper ---- */

void pipe_widen(int pipe) {
	fcntl(pipe, F_SETFL, O_NONBLOCK);
	fcntl(pipe, F_SETPIPE_SZ, PIPE_SIZE); /* where the user may not have so much, it stays at 64 KiB */
}

struct log *log_open(struct vps *vps, const char *path, int pipe, uint64_t size, uint64_t files) {
	struct log *log = claim(sizeof *log + strlen(path) + 1);
	*log = (struct log){.vps = vps, .pipe = {pipe, log_ready}, .file = -1, .size = size, .files = files};
	strcpy(log->path, path);
	pipe_widen(pipe);
	return log;
}

void log_close(struct log *log) {
	close_fd(&log->pipe.fd), close_fd(&log->file);
	free(log);
}

void log_part(struct log *log) {
	log->vps->lost = log->lost;
	log->vps->log = NULL;
	log->vps = NULL;
}

void scribe_take(struct log *log) {
	if (!scribe_attend(&log->pipe, EPOLLIN)) die(1, "scribe", strerror(errno));
	taken++;
}

bool scribe_order(struct order *order) { return write(give_order, &order, sizeof order) == sizeof order; }

static void take_back(struct source *source, uint32_t events) {
	struct log *log;
	if (read(source->fd, &log, sizeof log) != sizeof log) return;
	if (!log) {
		finished = true;
		return;
	}
	struct vps *vps = log->vps;
	if (vps) log_part(log);
	log_close(log);
	taken--;
	if (vps) vps_settle(vps);
}

static void answered(struct source *source, uint32_t events) {
	struct order *order;
	if (read(source->fd, &order, sizeof order) == sizeof order) lines_answer(order);
}

void scribe_start(void) {
	int back[2], order[2], answer[2];
	pthread_t thread;
	desk = epoll_create1(EPOLL_CLOEXEC);
	if (desk < 0 || pipe2(back, O_CLOEXEC) || pipe2(order, O_CLOEXEC) || pipe2(answer, O_CLOEXEC)) die(1, "scribe", strerror(errno));
	source_add(&returned, back[0], EPOLLIN, take_back);
	source_add(&obeyed, answer[0], EPOLLIN, answered);
	give_back = back[1];
	give_answer = answer[1];
	orders = (struct source){order[0], ordered};
	give_order = order[1];
	fcntl(give_order, F_SETFL, O_NONBLOCK);
	lines_start();
	if (!scribe_attend(&orders, EPOLLIN)) die(1, "scribe", strerror(errno));
	if ((errno = pthread_create(&thread, NULL, scribe_run, NULL))) die(1, "scribe", strerror(errno));
}

void scribe_end(void) {
	struct pollfd fd = {.fd = returned.fd, .events = POLLIN};
	lines_end();
	while ((taken > 0 || !finished) && poll(&fd, 1, FLUSH_MS) > 0) take_back(&returned, POLLIN);
}
