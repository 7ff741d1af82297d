/*
 * The house's own lines: those of keeper, launcher and edge workers. Each process has a pipe for them, which never makes it wait; the
 * scribe alone writes them to where they go (outlet.c), as whole lines, so that none is ever torn.
 */
#include "keeper.h"

enum { CHUNK = 64 << 10, LONGEST_LINE = 1 << 20 };

/* Whose lines they are. */
struct feed {
	struct source pipe;
	enum lines to;
	char *rest; /* the beginning of a line */
	size_t length;
};

static _Atomic int feeds; /* pipes that are open */
static int voice = -1;    /* the keeper's own */
static uint64_t unsaid;   /* lines of the keeper's that its pipe did not take */
static bool ending;

/* ---- the scribe's thread ---- */

/* Nobody can write to the pipe any more. */
static void feed_close(struct feed *feed) {
	scribe_leave(&feed->pipe);
	close_fd(&feed->pipe.fd);
	free(feed->rest);
	free(feed);
	feeds--;
}

static void feed_ready(struct source *pipe, uint32_t events) {
	static char text[LONGEST_LINE + CHUNK + 1];
	struct feed *feed = HOLDER(pipe, struct feed, pipe);
	ssize_t got = read(pipe->fd, text + feed->length, CHUNK);
	if (got < 0) return;
	if (feed->length > 0) memcpy(text, feed->rest, feed->length);
	size_t length = feed->length + (size_t)got;
	const char *last = length > 0 ? memrchr(text, '\n', length) : NULL;
	if (!last && length > 0 && (got == 0 || length > LONGEST_LINE)) { /* a last line, or what is too long to be one */
		text[length++] = '\n';
		last = text + length - 1;
	}
	size_t whole = last ? (size_t)(last + 1 - text) : 0;
	if (whole > 0) outlet_take(feed->to, text, whole);
	free(feed->rest);
	feed->length = length - whole;
	feed->rest = feed->length > 0 ? memcpy(claim(feed->length), text + whole, feed->length) : NULL;
	if (got == 0) feed_close(feed);
}

bool lines_obey(struct order *order) {
	bool end = order->end;
	if (!end) order->error = outlet_reopen(order->path, order->size, order->files);
	else free(order), ending = true;
	return !end;
}

bool lines_write(void) { return outlets_write() && ending && feeds == 0; }

/* ---- the keeper ---- */

int lines_pipe(enum lines to) {
	int ends[2];
	struct feed *feed = claim(sizeof *feed);
	if (pipe2(ends, O_CLOEXEC)) return free(feed), -1;
	*feed = (struct feed){.pipe = {ends[0], feed_ready}, .to = to};
	pipe_widen(ends[0]);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	feeds++;
	if (scribe_attend(&feed->pipe, EPOLLIN)) return ends[1];
	die(1, "scribe", strerror(errno));
}

void say(const char *format, ...) {
	char line[LINE_SIZE];
	va_list words;
	va_start(words, format);
	size_t length = line_compose(line, format, words);
	bool said = write_now(voice, line, length) == (ssize_t)length;
	va_end(words);
	if (!said) unsaid++;
	if (!said || !unsaid) return;
	uint64_t count = unsaid;
	unsaid = 0;
	say("keeper: %" PRIu64 " lines of its own could not be written", count);
	if (unsaid) unsaid += count; /* nor could that */
}

/* Whoever ends has nobody to wait for. */
void say_last(const char *what, const char *detail) {
	char line[LINE_SIZE];
	int length = snprintf(line, sizeof line, "innkeeper: keeper: %s: %s\n", what, detail);
	write_now(STDERR_FILENO, line, (size_t)(length < LINE_SIZE ? length : LINE_SIZE - 1));
}

REQUEST(access_log) {
	struct order *order = claim(sizeof *order);
	const char *path = text_of(message, "path");
	*order = (struct order){
		.path = path ? copy_of(path) : NULL, .size = number_of(message, "size", 0), .files = number_of(message, "files", 1),
	};
	const char *later = answer_later(&order->later);
	if (scribe_order(order)) return later;
	free(order->path);
	free(order);
	return "log";
}

void lines_answer(struct order *order) {
	answer_now(&order->later, order->error, "open");
	free(order);
}

void lines_greet(const char *greeting) {
	int fd = lines_pipe(OUTPUT);
	dprintf(fd, "%s\n", greeting);
	close_fd(&fd);
}

void lines_start(void) {
	outlets_start();
	voice = lines_pipe(ERRORS);
}

void lines_end(void) {
	struct order *order = claim(sizeof *order);
	order->end = true;
	close_fd(&voice);
	scribe_order(order);
}
