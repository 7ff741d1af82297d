/*
 * The scribe: a child that drains what tenants say into size-capped files. The keeper keeps the read ends too, so that no tenant
 * gets SIGPIPE when the scribe dies; a new one is handed them again.
 */
#include "keeper.h"

enum { CHUNK = 64 << 10, BUDGET_PER_SECOND = 16 << 20, LAST_CHUNKS = 64, RETRY_MS = 1000, TELL_MS = 200 };

struct order { /* keeper to scribe, with the read end of a pipe */
	uint32_t id;
	uint64_t instance, size, files;
	char path[LONGEST_LOG];
};
struct tally { /* scribe to keeper; `lost` since the last one */
	uint32_t id;
	uint64_t instance, lost;
	bool finished; /* nobody can write to the pipe any more, and all is in the log */
};

/* ---- in the scribe ---- */

struct stream {
	struct source source;
	struct order order;
	int file;
	uint64_t size, lost, budget;
	int64_t second, try_again;
	struct stream *next;
};
static struct stream *all_stream;
static struct source orders = {.fd = -1};
static struct timer tell_timer;

static void rotate(struct stream *stream) {
	char from[LONGEST_LOG + 24], to[LONGEST_LOG + 24];
	close_fd(&stream->file);
	for (int number = (int)stream->order.files - 1; number > 0; number--) {
		snprintf(to, sizeof to, "%s.%d", stream->order.path, number);
		snprintf(from, sizeof from, number > 1 ? "%s.%d" : "%s", stream->order.path, number - 1);
		rename(from, to);
	}
	if (stream->order.files <= 1) unlink(stream->order.path);
}

/* A full file makes room first. Twice: what is found at the first opening may be full too. */
static bool file_open(struct stream *stream) {
	if (stream->file >= 0 && stream->size < stream->order.size) return true;
	for (int tries = 0; tries < 2 && now_ms() >= stream->try_again; tries++) {
		if (stream->file >= 0) rotate(stream);
		stream->file = open(stream->order.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
		stream->size = (uint64_t)lseek(stream->file, 0, SEEK_END);
		if (stream->file >= 0 && stream->size < stream->order.size) return true;
	}
	if (now_ms() >= stream->try_again) stream->try_again = now_ms() + RETRY_MS;
	close_fd(&stream->file);
	return false;
}

static void tell(struct stream *stream, bool finished) {
	struct tally tally = {stream->order.id, stream->order.instance, stream->lost, finished};
	if ((finished || stream->lost) && send_with_fd(orders.fd, &tally, sizeof tally, -1)) stream->lost = 0;
}

static void tell_all(struct timer *timer) {
	EACH(stream, stream) tell(stream, false);
}

static void lose(struct stream *stream, ssize_t bytes) {
	stream->lost += bytes > 0 ? (uint64_t)bytes : 0;
	if (bytes > 0 && !tell_timer.at) timer_set(&tell_timer, TELL_MS, tell_all);
}

/* Takes one chunk; what is over the budget or cannot be written is lost. False: nothing is there, or never again. */
static bool drain(struct stream *stream) {
	static char chunk[CHUNK];
	if (stream->second != now_ms() / 1000) stream->second = now_ms() / 1000, stream->budget = BUDGET_PER_SECOND;
	if (stream->budget == 0 || !file_open(stream)) {
		ssize_t dropped = splice(stream->source.fd, NULL, house.null, NULL, 1 << 20, SPLICE_F_NONBLOCK);
		lose(stream, dropped);
		return dropped > 0;
	}
	uint64_t room = stream->order.size - stream->size;
	if (room > CHUNK) room = CHUNK;
	if (room > stream->budget) room = stream->budget;
	ssize_t got = read(stream->source.fd, chunk, room), put = got > 0 ? write(stream->file, chunk, (size_t)got) : 0;
	if (got <= 0) return false;
	if (put < 0) close_fd(&stream->file), stream->try_again = now_ms() + RETRY_MS, put = 0;
	stream->size += (uint64_t)put;
	stream->budget -= (uint64_t)got;
	lose(stream, got - put);
	return true;
}

/* The last of what it said. Bounded, since somebody may write on. */
static void finish(struct stream *stream) {
	for (int chunks = 0; chunks < LAST_CHUNKS && drain(stream); chunks++) continue;
	UNLINK(all_stream, stream, next);
	tell(stream, true);
	source_close(&stream->source);
	close_fd(&stream->file);
	free(stream);
}

static void stream_ready(struct source *source, uint32_t events) {
	struct stream *stream = HOLDER(source, struct stream, source);
	if (!drain(stream) && events & EPOLLHUP) finish(stream);
}

static void take_order(struct source *source, uint32_t events) {
	struct order order;
	int fd;
	if (receive_with_fd(source->fd, &order, sizeof order, &fd) != sizeof order) { /* the keeper is gone, or ends */
		while (all_stream) finish(all_stream);
		_exit(0);
	}
	if (fd < 0) return;
	struct stream *stream = all_stream;
	while (stream && stream->order.id != order.id) stream = stream->next;
	if (stream) finish(stream); /* somebody outside the VPS holds the pipe of an instance before this one */
	stream = claim(sizeof *stream);
	*stream = (struct stream){.order = order, .file = -1, .next = all_stream};
	all_stream = stream;
	source_add(&stream->source, fd, EPOLLIN, stream_ready);
}

static int scribe_run(void *context) {
	dup2(*(const int *)context, TRAY); /* TRAY + 1 is /dev/null already */
	syscall(SYS_close_range, TRAY + 2, ~0U, 0);
	house.null = TRAY + 1;
	loop_start();
	source_add(&orders, TRAY, EPOLLIN, take_order);
	while (true) loop_turn();
	return 0;
}

/* ---- in the keeper ---- */

static struct source scribe = {.fd = -1};
static pid_t scribe_pid;

/* Where it is behind, again when it can take more. */
void scribe_hand(struct vps *vps) {
	struct order order = {.id = vps->id, .instance = vps->instance, .size = vps->log_size, .files = vps->log_files};
	strcpy(order.path, vps->log);
	vps->log_handed = send_with_fd(scribe.fd, &order, sizeof order, vps->log_fd);
	if (!vps->log_handed) source_change(&scribe, EPOLLIN | EPOLLOUT);
}

static void scribe_ready(struct source *source, uint32_t events) {
	struct tally tally;
	if (events & EPOLLOUT) {
		source_change(source, EPOLLIN);
		EACH(vps, each) if (each->log && !each->log_handed) scribe_hand(each);
	}
	if (!(events & EPOLLIN) || recv(source->fd, &tally, sizeof tally, MSG_DONTWAIT) != sizeof tally) return;
	struct vps *vps = vps_of(tally.id);
	if (!vps || vps->instance != tally.instance) return;
	vps->lost += tally.lost;
	vps->flushed |= tally.finished; /* it may have closed its output long before its end */
	vps_settle(vps);
}

void scribe_start(void) {
	int ends[2];
	struct program program = {.cgroup = cgroup_house};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) die(1, "scribe", strerror(errno));
	scribe_pid = spawn(&program, scribe_run, &ends[1], 0);
	close_fd(&ends[1]);
	if (scribe_pid < 0) die(1, "scribe", strerror(errno));
	source_add(&scribe, ends[0], EPOLLIN | EPOLLOUT, scribe_ready);
}

bool scribe_exited(pid_t pid) {
	if (pid != scribe_pid) return false;
	source_close(&scribe);
	EACH(vps, vps) vps->log_handed = false;
	scribe_start();
	return true;
}

/* It drains what is there, and exits. */
void scribe_end(void) { source_close(&scribe); }
