/* The loop: one epoll, a list of timers, and the small things every file needs. */
#include "keeper.h"
#include <time.h>

static int poller;
static struct timer *timers;

void loop_start(void)
{
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0) die(1, "epoll", strerror(errno));
}

/* One event a turn: what it closes can leave no stale event behind, and the kernel's ready list is fair by itself. */
void loop_turn(void)
{
	int64_t now = now_ms(), wait = -1;
	for (struct timer *timer = timers; timer; timer = timer->next)
		if (wait < 0 || timer->at - now < wait) wait = timer->at > now ? timer->at - now : 0;
	struct epoll_event ready;
	if (epoll_wait(poller, &ready, 1, (int)wait) == 1) {
		struct source *source = ready.data.ptr;
		source->ready(source, ready.events);
	}
	now = now_ms();
	for (struct timer *timer = timers; timer; timer = timer->next) {
		if (timer->at > now) continue;
		timer_stop(timer);
		timer->fire(timer);
		return; /* the list may be another now; the next turn fires the rest */
	}
}

void source_add(struct source *source, int fd, uint32_t events, void (*ready)(struct source *, uint32_t))
{
	source->fd = fd;
	source->ready = ready;
	struct epoll_event event_set = {.events = events, .data.ptr = source};
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event_set)) die(1, "epoll_ctl", strerror(errno));
}

void source_change(struct source *source, uint32_t events)
{
	struct epoll_event event_set = {.events = events, .data.ptr = source};
	epoll_ctl(poller, EPOLL_CTL_MOD, source->fd, &event_set);
}

/* The explicit removal matters: epoll goes by the open description, which a tenant may hold on to after our close. */
void source_close(struct source *source)
{
	if (source->fd < 0) return;
	epoll_ctl(poller, EPOLL_CTL_DEL, source->fd, NULL);
	close_fd(&source->fd);
}

void timer_set(struct timer *timer, int64_t ms, void (*fire)(struct timer *))
{
	timer_stop(timer);
	*timer = (struct timer){.at = now_ms() + ms, .fire = fire, .next = timers};
	timers = timer;
}

void timer_stop(struct timer *timer)
{
	for (struct timer **at = &timers; *at; at = &(*at)->next) {
		if (*at != timer) continue;
		*at = timer->next;
		break;
	}
	timer->at = 0;
}

int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void die(int status, const char *what, const char *detail)
{
	fprintf(stderr, "innkeeper: keeper: %s: %s\n", what, detail);
	exit(status);
}

void *claim(size_t size)
{
	void *memory = calloc(1, size);
	if (!memory) die(1, "memory", "there is none left");
	return memory;
}

void *copy_of(const char *text)
{
	return memcpy(claim(strlen(text) + 1), text, strlen(text) + 1);
}

void close_fd(int *fd)
{
	if (*fd >= 0) close(*fd);
	*fd = -1;
}
