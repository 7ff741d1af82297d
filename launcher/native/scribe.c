/*
 * The scribe: a child that drains what tenants say into size-capped files. The keeper keeps the read ends too, so that no tenant
 * gets SIGPIPE when the scribe dies; a new one is handed them again.
 */
#include "keeper.h"
#include <sys/syscall.h>

enum { CHUNK = 64 << 10, BUDGET_PER_SECOND = 16 << 20, LAST_CHUNKS = 64, RETRY_MS = 1000, TELL_MS = 200 };

struct order { /* keeper to scribe, with the read end */
	uint32_t id;
	uint64_t instance, size, files;
	bool flush;
	char path[LONGEST_LOG];
};
struct tally { /* scribe to keeper; `lost` since the last one */
	uint32_t id;
	uint64_t instance, lost;
	bool flushed;
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
static struct stream *streams;
static struct source orders = {.fd = -1}; /* in the scribe; `scribe` is the keeper's end */
static struct timer tell_timer;

static void rotate(struct stream *stream)
{
	char from[LONGEST_LOG + 24], to[LONGEST_LOG + 24];
	close_fd(&stream->file);
	for (uint64_t number = stream->order.files - 1; number > 0; number--) {
		snprintf(to, sizeof to, "%s.%llu", stream->order.path, (unsigned long long)number);
		snprintf(from, sizeof from, number > 1 ? "%s.%llu" : "%s", stream->order.path, (unsigned long long)number - 1);
		rename(from, to);
	}
	if (stream->order.files == 1) unlink(stream->order.path);
}

static bool file_open(struct stream *stream)
{
	if (stream->file >= 0 && stream->size >= stream->order.size) rotate(stream);
	if (stream->file >= 0) return true;
	if (now_ms() < stream->try_again) return false;
	stream->file = open(stream->order.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (stream->file < 0) {
		stream->try_again = now_ms() + RETRY_MS;
		return false;
	}
	off_t size = lseek(stream->file, 0, SEEK_END);
	stream->size = size > 0 ? (uint64_t)size : 0;
	return stream->size < stream->order.size || file_open(stream);
}

static void tell(struct stream *stream, bool flushed)
{
	struct tally tally = {stream->order.id, stream->order.instance, stream->lost, flushed};
	if (!flushed && !stream->lost) return;
	if (send(orders.fd, &tally, sizeof tally, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) stream->lost = 0;
}

static void tell_all(struct timer *timer)
{
	(void)timer;
	for (struct stream *stream = streams; stream; stream = stream->next) tell(stream, false);
}

/* Takes one chunk; what is over the budget or cannot be written is counted as lost. False: nothing is there, or never again. */
static bool drain(struct stream *stream)
{
	static char chunk[CHUNK];
	if (stream->second != now_ms() / 1000) {
		stream->second = now_ms() / 1000;
		stream->budget = BUDGET_PER_SECOND;
	}
	if (stream->budget == 0 || !file_open(stream)) {
		ssize_t dropped = splice(stream->source.fd, NULL, house.null, NULL, 1 << 20, SPLICE_F_NONBLOCK);
		if (dropped > 0) stream->lost += (uint64_t)dropped;
		if (dropped > 0 && !tell_timer.at) timer_set(&tell_timer, TELL_MS, tell_all);
		return dropped > 0;
	}
	uint64_t room = stream->order.size - stream->size;
	if (room > CHUNK) room = CHUNK;
	if (room > stream->budget) room = stream->budget;
	ssize_t got = read(stream->source.fd, chunk, room);
	if (got <= 0) return false;
	ssize_t put = write(stream->file, chunk, (size_t)got);
	if (put < 0) close_fd(&stream->file), stream->try_again = now_ms() + RETRY_MS, put = 0;
	stream->size += (uint64_t)put;
	stream->budget -= (uint64_t)got;
	stream->lost += (uint64_t)(got - put);
	if (got > put && !tell_timer.at) timer_set(&tell_timer, TELL_MS, tell_all);
	return true;
}

static void stream_close(struct stream *stream)
{
	struct stream **at = &streams;
	while (*at != stream) at = &(*at)->next;
	*at = stream->next;
	tell(stream, true);
	source_close(&stream->source);
	close_fd(&stream->file);
	free(stream);
}

static void stream_ready(struct source *source, uint32_t events)
{
	struct stream *stream = HOLDER(source, struct stream, source);
	if (!drain(stream) && events & EPOLLHUP) stream_close(stream);
}

/* The last of what it said. Bounded, since somebody outside the VPS may hold the pipe and write on. */
static void finish(struct stream *stream)
{
	for (int chunks = 0; chunks < LAST_CHUNKS && drain(stream); chunks++) continue;
	stream_close(stream);
}

static void take_order(struct source *source, uint32_t events)
{
	struct order order;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec body = {&order, sizeof order};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	(void)events;
	if (recvmsg(source->fd, &message, MSG_CMSG_CLOEXEC) != sizeof order) { /* the keeper is gone, or ends */
		while (streams) finish(streams);
		_exit(0);
	}
	if (CMSG_FIRSTHDR(&message)) {
		struct stream *stream = claim(sizeof *stream);
		*stream = (struct stream){.order = order, .file = -1, .next = streams};
		streams = stream;
		int fd;
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
		source_add(&stream->source, fd, EPOLLIN, stream_ready);
		return;
	}
	struct stream *stream = streams;
	while (stream && (stream->order.id != order.id || stream->order.instance != order.instance)) stream = stream->next;
	if (stream) finish(stream);
}

static int scribe_run(void *context)
{
	const int *end = context;
	dup2(*end, TRAY);
	house.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(house.null, TRAY + 1);
	house.null = TRAY + 1;
	syscall(SYS_close_range, TRAY + 2, ~0U, 0);
	loop_start();
	source_add(&orders, TRAY, EPOLLIN, take_order);
	while (true) loop_turn();
	return 0;
}

/* ---- in the keeper ---- */

static struct source scribe = {.fd = -1};
static pid_t scribe_pid;

static bool send_order(struct vps *vps, bool flush)
{
	struct order order = {.id = vps->id, .instance = vps->instance, .size = vps->log_size, .files = vps->log_files,
	                      .flush = flush};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec body = {&order, sizeof order};
	struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
	strcpy(order.path, vps->log);
	memcpy(CMSG_DATA(&control.header), &vps->log_fd, sizeof(int));
	if (!flush) message.msg_control = &control, message.msg_controllen = sizeof control;
	if (sendmsg(scribe.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) return true;
	if (scribe.fd >= 0) source_change(&scribe, EPOLLIN | EPOLLOUT); /* it is behind: again when it can take more */
	return false;
}

void scribe_hand(struct vps *vps)
{
	vps->log_handed = send_order(vps, false);
}

void scribe_flush(struct vps *vps)
{
	if (!vps->log_handed) scribe_hand(vps);
	send_order(vps, true);
}

static void scribe_ready(struct source *source, uint32_t events)
{
	struct tally tally;
	if (events & EPOLLOUT) {
		source_change(source, EPOLLIN);
		for (struct vps *vps = all_vps; vps; vps = vps->next) {
			if (vps->log && !vps->log_handed) scribe_hand(vps);
			if (vps->log && vps->flush_asked && !vps->flushed) scribe_flush(vps);
		}
	}
	if (!(events & EPOLLIN) || recv(source->fd, &tally, sizeof tally, MSG_DONTWAIT) != sizeof tally) return;
	struct vps *vps = vps_of(tally.id);
	if (!vps || vps->instance != tally.instance) return;
	vps->lost += tally.lost;
	vps->flushed = vps->flushed || (tally.flushed && vps->flush_asked);
	vps_settle(vps);
}

void scribe_start(void)
{
	int ends[2];
	struct program program = {.cgroup = cgroup_house};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) die(1, "scribe", strerror(errno));
	scribe_pid = spawn(&program, scribe_run, &ends[1], 0);
	close(ends[1]);
	if (scribe_pid < 0) die(1, "scribe", strerror(errno));
	source_add(&scribe, ends[0], EPOLLIN | EPOLLOUT, scribe_ready);
}

bool scribe_exited(pid_t pid)
{
	if (pid != scribe_pid) return false;
	source_close(&scribe);
	for (struct vps *vps = all_vps; vps; vps = vps->next) vps->log_handed = false;
	scribe_start();
	return true;
}

/* It drains what is there, and exits. */
void scribe_end(void)
{
	source_close(&scribe);
}
