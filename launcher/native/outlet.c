/*
 * Where the house's lines go: stdout, stderr, the access log. Nobody waits or fails where a disk is full or a pipe is not read: what
 * cannot be written is held, what cannot be held is counted, and the count is told once there is room. Of the scribe's thread alone.
 */
#include "keeper.h"

enum { HELD = 2 << 20, AGAIN_MS = 1000 };

static struct outlet {
	struct source file;         /* -1: not open now, or none at all */
	char *path;                 /* NULL: stdout or stderr */
	uint64_t size, files;       /* of a path; size 0: it is never rotated */
	char *held;                 /* HELD bytes, of which those from `begin` to `end` are not written yet */
	size_t begin, end;
	bool short_writes;          /* a pipe: more than PIPE_BUF at once could be torn by others who write there */
	uint64_t lost;              /* lines that were not held since `error` came up */
	int error;                  /* why the last write failed; 0: it did not */
	int64_t again;              /* when it is tried again */
} outlets[3];

static bool joined; /* stdout and stderr are one file, and must have one writer */

/* ---- what is held ---- */

/* ISO 8601 with the offset of the time zone, as 2026-11-30T17:40:24+01:00, and what the words come to behind it; its length. */
size_t line_compose(char line[LINE_SIZE], const char *format, va_list words) {
	char date[48] = "";
	time_t now = time(NULL);
	struct tm tm;
	size_t length = localtime_r(&now, &tm) ? strftime(date, sizeof date - 1, "%FT%T%z", &tm) : 0;
	if (length > 2) {
		memmove(date + length - 1, date + length - 2, 3);
		date[length - 2] = ':';
	}
	int begun = snprintf(line, LINE_SIZE, "%s  innkeeper: ", date);
	vsnprintf(line + begun, (size_t)(LINE_SIZE - 1 - begun), format, words);
	length = strlen(line);
	line[length++] = '\n';
	return length;
}

static struct outlet *outlet_of(enum lines to) {
	if (to == ACCESS_LOG && !outlets[ACCESS_LOG].path) to = OUTPUT;
	if (to == ERRORS && joined) to = OUTPUT;
	return &outlets[to];
}

static uint64_t count_lines(const char *text, size_t length) {
	uint64_t count = 0;
	for (const char *end = text + length; (text = memchr(text, '\n', (size_t)(end - text))); text++) count++;
	return count;
}

/* Whole lines. Once some were lost, all are until everything that is held was written: there is one gap, and it is told in its place. */
static void hold(struct outlet *outlet, const char *text, size_t length) {
	if (outlet->begin == outlet->end) outlet->begin = outlet->end = 0;
	if (HELD - outlet->end < length) {
		memmove(outlet->held, outlet->held + outlet->begin, outlet->end - outlet->begin);
		outlet->end -= outlet->begin;
		outlet->begin = 0;
	}
	if (outlet->lost > 0 || HELD - outlet->end < length) {
		outlet->lost += count_lines(text, length);
		return;
	}
	memcpy(outlet->held + outlet->end, text, length);
	outlet->end += length;
}

static void outlet_say(struct outlet *outlet, const char *format, ...) {
	char line[LINE_SIZE];
	va_list words;
	va_start(words, format);
	hold(outlet, line, line_compose(line, format, words));
	va_end(words);
}

static const char *reason(int error) { return error == EAGAIN ? "nobody reads it" : strerror(error); }

static void trouble(struct outlet *outlet, int error) {
	bool first = outlet->error == 0;
	outlet->error = error;
	outlet->again = now_ms() + AGAIN_MS;
	if (first && outlet->path) outlet_say(outlet_of(ERRORS), "%s cannot be written: %s", outlet->path, reason(error));
}

/* All that was held is written. */
static void relief(struct outlet *outlet) {
	uint64_t lost = outlet->lost;
	int error = outlet->error;
	outlet->lost = 0;
	outlet->error = 0;
	if (error && outlet->path)
		outlet_say(outlet_of(ERRORS), "%s can be written again; %" PRIu64 " lines were lost", outlet->path, lost);
	else if (lost > 0)
		outlet_say(outlet, "%" PRIu64 " lines could not be written here: %s", lost, reason(error));
}

/* ---- how it is written ---- */

static void outlet_ready(struct source *file, uint32_t events) { HOLDER(file, struct outlet, file)->again = 0; }

static bool open_path(struct outlet *outlet) {
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	if (outlet->file.fd < 0) outlet->file.fd = open(outlet->path, flags, 0640);
	return outlet->file.fd >= 0;
}

/* How much of `length` held bytes a file of `begun` bytes takes: as many whole lines as there is room for; 0: it is full. */
static size_t room_for(const struct outlet *outlet, size_t length, uint64_t begun) {
	uint64_t room = outlet->size > begun ? outlet->size - begun : 0;
	if (length <= room) return length;
	const char *text = outlet->held + outlet->begin;
	const char *last = memrchr(text, '\n', room);
	if (last) return (size_t)(last + 1 - text);
	if (begun > 0) return 0;
	const char *first = memchr(text, '\n', length); /* larger than a whole file: it gets one of its own */
	return first ? (size_t)(first + 1 - text) : length;
}

/* Of `length` held bytes those that go to the path's file now, which is opened, and rotated where it is full; 0: it cannot be opened. */
static size_t part_for_path(struct outlet *outlet, size_t length) {
	struct stat stat;
	if (!open_path(outlet) || fstat(outlet->file.fd, &stat)) return 0;
	outlet->short_writes = S_ISFIFO(stat.st_mode);
	if (!S_ISREG(stat.st_mode) || outlet->size == 0) return length;
	size_t part = room_for(outlet, length, (uint64_t)stat.st_size);
	if (part > 0) return part;
	close_fd(&outlet->file.fd);
	rotate(outlet->path, outlet->files);
	if (!open_path(outlet) || fstat(outlet->file.fd, &stat)) return 0;
	part = room_for(outlet, length, (uint64_t)stat.st_size);
	return part > 0 ? part : length; /* it could not be moved out of the way: better too large than lost */
}

/* A write that came to its end in the midst of a line is taken back to the line's beginning: whoever moves the file finds it whole. */
static size_t whole_lines(const struct outlet *outlet, size_t put) {
	const char *text = outlet->held + outlet->begin;
	const char *last = put > 0 ? memrchr(text, '\n', put) : NULL;
	size_t whole = last ? (size_t)(last + 1 - text) : 0;
	off_t end = lseek(outlet->file.fd, 0, SEEK_END);
	if (end < (off_t)put || ftruncate(outlet->file.fd, end - (off_t)(put - whole))) return put;
	return whole;
}

/* Of `length` held bytes those that a pipe takes as a whole. */
static size_t part_for_pipe(const struct outlet *outlet, size_t length) {
	const char *text = outlet->held + outlet->begin;
	const char *last = length > PIPE_BUF ? memrchr(text, '\n', PIPE_BUF) : NULL;
	if (length <= PIPE_BUF) return length;
	return last ? (size_t)(last + 1 - text) : PIPE_BUF;
}

/* As write(2), but it never waits: a socket that others may have made blocking (journald's) takes what there is room for. */
ssize_t write_now(int fd, const char *text, size_t length) {
	struct pollfd there = {.fd = fd, .events = POLLOUT};
	ssize_t sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0 || errno != ENOTSOCK) return sent;
	if (poll(&there, 1, 0) > 0) return write(fd, text, length);
	errno = EAGAIN;
	return -1;
}

/* False: nothing more can be written now. */
static bool write_some(struct outlet *outlet) {
	size_t length = outlet->end - outlet->begin;
	if (outlet->path && (length = part_for_path(outlet, length)) == 0) return trouble(outlet, errno), false;
	if (outlet->short_writes) length = part_for_pipe(outlet, length);
	ssize_t put = write_now(outlet->file.fd, outlet->held + outlet->begin, length);
	if (put < 0) {
		trouble(outlet, errno);
		if (outlet->path) close_fd(&outlet->file.fd);
		return false;
	}
	size_t done = outlet->path && (size_t)put < length ? whole_lines(outlet, (size_t)put) : (size_t)put;
	outlet->begin += done;
	if (done == 0) trouble(outlet, ENOSPC); /* there was room for a part of a line */
	return done > 0;
}

static void outlet_write(struct outlet *outlet) {
	if (outlet->error && now_ms() < outlet->again) return;
	while (outlet->begin < outlet->end) {
		if (!write_some(outlet)) return;
		if (outlet->begin == outlet->end && (outlet->error || outlet->lost)) relief(outlet); /* which may have a word here */
	}
}

/*
 * A pipe or terminal is opened once more, for a description of our own that does not block: the one that we were given is others',
 * too. Where that cannot be, poll(2) before each write must do.
 */
static void outlet_start(struct outlet *outlet, int fd) {
	char self[32];
	struct stat stat;
	outlet->held = claim(HELD);
	outlet->file = (struct source){fd, outlet_ready};
	if (fd < 0 || fstat(fd, &stat)) return;
	outlet->short_writes = S_ISFIFO(stat.st_mode);
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	int own = S_ISFIFO(stat.st_mode) || S_ISCHR(stat.st_mode) ? open(self, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
	if (own >= 0) outlet->file.fd = own;
	scribe_attend(&outlet->file, EPOLLOUT | EPOLLET); /* refused for a file, which is always ready */
}

/* ---- what the scribe calls ---- */

void outlet_take(enum lines to, const char *text, size_t length) { hold(outlet_of(to), text, length); }

void lines_tell(const char *format, ...) {
	char line[LINE_SIZE];
	va_list words;
	va_start(words, format);
	outlet_take(ERRORS, line, line_compose(line, format, words));
	va_end(words);
}

int outlet_reopen(char *path, uint64_t size, uint64_t files) {
	struct outlet *log = &outlets[ACCESS_LOG];
	log->again = 0;
	outlet_write(log);
	close_fd(&log->file.fd);
	free(log->path);
	log->path = path;
	log->size = size;
	log->files = files;
	log->again = 0;
	int error = path && !open_path(log) ? errno : 0;
	if (error) trouble(log, error);
	if (path) return error;
	outlet_take(OUTPUT, log->held + log->begin, log->end - log->begin);
	log->begin = log->end;
	if (log->lost > 0)
		outlet_say(outlet_of(OUTPUT), "%" PRIu64 " lines of the access log were lost: %s", log->lost, reason(log->error));
	log->lost = 0;
	log->error = 0;
	return 0;
}

int outlets_wait(void) {
	int64_t wait = INT_MAX;
	for (int at = 0; at < 3; at++)
		if (outlets[at].error && outlets[at].again - now_ms() < wait) wait = outlets[at].again - now_ms();
	return wait == INT_MAX ? -1 : wait < 0 ? 0 : (int)wait;
}

bool outlets_write(void) {
	bool written = true;
	for (int at = ACCESS_LOG; at >= 0; at--) outlet_write(&outlets[at]); /* the first may have a word for the others */
	for (int at = 0; at < 3; at++) written = written && outlets[at].begin == outlets[at].end;
	return written;
}

void outlets_start(void) {
	struct stat out, err;
	bool known = fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0;
	joined = known && out.st_dev == err.st_dev && out.st_ino == err.st_ino;
	outlet_start(&outlets[OUTPUT], STDOUT_FILENO);
	outlet_start(&outlets[ERRORS], STDERR_FILENO);
	outlet_start(&outlets[ACCESS_LOG], -1);
}
