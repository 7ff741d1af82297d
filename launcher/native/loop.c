/* The loop: one epoll, a list of timers; and the small things that every file needs. */
#include "keeper.h"

static int poller;
static struct timer *timers; /* the next one first */

void loop_start(void) {
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0) die(1, "epoll", strerror(errno));
}

/* One event a turn: what it closes can leave no stale event behind, and the kernel's ready list is fair by itself. */
void loop_turn(void) {
	struct epoll_event ready;
	int64_t wait = timers ? timers->at - now_ms() : -1;
	if (epoll_wait(poller, &ready, 1, timers && wait < 0 ? 0 : (int)wait) == 1) {
		struct source *source = ready.data.ptr;
		source->ready(source, ready.events);
	}
	struct timer *due = timers;
	if (!due || due->at > now_ms()) return;
	timer_stop(due);
	due->fire(due);
}

void source_add(struct source *source, int fd, uint32_t events, void (*ready)(struct source *, uint32_t)) {
	*source = (struct source){fd, ready};
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &(struct epoll_event){events, {.ptr = source}})) die(1, "epoll_ctl", strerror(errno));
}

void source_change(struct source *source, uint32_t events) {
	if (source->fd >= 0) epoll_ctl(poller, EPOLL_CTL_MOD, source->fd, &(struct epoll_event){events, {.ptr = source}});
}

/* The explicit removal matters: epoll goes by the open description, which a tenant may hold on to after our close. */
void source_close(struct source *source) {
	if (source->fd >= 0) epoll_ctl(poller, EPOLL_CTL_DEL, source->fd, NULL);
	close_fd(&source->fd);
}

void timer_set(struct timer *timer, int64_t ms, void (*fire)(struct timer *)) {
	struct timer **at = &timers;
	timer_stop(timer);
	*timer = (struct timer){.at = now_ms() + ms, .fire = fire};
	while (*at && (*at)->at <= timer->at) at = &(*at)->next;
	timer->next = *at;
	*at = timer;
}

void timer_stop(struct timer *timer) {
	UNLINK(timers, timer, next);
	timer->at = 0;
}

int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void die(int status, const char *what, const char *detail) {
	say_last(what, detail);
	exit(status);
}

void *claim(size_t size) {
	void *memory = calloc(1, size);
	if (!memory) die(1, "memory", "there is none left");
	return memory;
}

void *copy_of(const char *text) { return memcpy(claim(strlen(text) + 1), text, strlen(text) + 1); }

void close_fd(int *fd) {
	int error = errno;
	if (*fd >= 0) close(*fd);
	*fd = -1;
	errno = error;
}

bool read_text(const char *path, char *text, size_t size) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);
	close_fd(&fd);
	text[length > 0 ? length : 0] = 0;
	return length > 0;
}

bool write_text(int folder, const char *path, const char *text) {
	int fd = openat(folder, path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;
	close_fd(&fd);
	return done;
}
