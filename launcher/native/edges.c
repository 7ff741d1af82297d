/* Edge workers: started, restarted and retired to keep their count; told of every edge socket over a Node IPC channel. */
#include "keeper.h"

struct worker {
	struct source channel;
	int number;
	pid_t pid;
	bool retired;
	int64_t started;
	uint64_t told; /* the serial of the last socket that it was sent */
	struct worker *next;
};
static struct worker *all_worker;
static struct plan {
	uint64_t count;
	char **argv, **envp, **veil, **reveal;
	int output;
} plan = {.output = -1};
static struct timer restock_timer;
static int64_t delay;

/* The lines are short: each goes as a whole or not at all. Names are of letters that need no escaping in JSON (PROTOCOL.md). */
static void send_sockets(struct worker *worker) {
	char line[512];
	EACH(held, held) {
		if (!held->edges || held->source.fd < 0 || held->serial <= worker->told) continue;
		int length = snprintf(line, sizeof line,
			"{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":{\"innkeeper\":\"listen\",\"name\":\"%s\",\"id\":%u,"
			"\"address\":\"%s\",\"port\":%d}}\n", held->name, held->id, address_text(held), port_of(&held->address));
		if (!send_with_fd(worker->channel.fd, line, (size_t)length, held->source.fd)) {
			source_change(&worker->channel, EPOLLIN | EPOLLOUT); /* it is behind: the rest when it can take more */
			return;
		}
		worker->told = held->serial;
	}
	source_change(&worker->channel, EPOLLIN);
}

void edges_listen(void) {
	EACH(worker, worker) send_sockets(worker);
}

/* A worker too far behind to be told is ended: the next one starts without the socket. */
void edges_close(const struct held *held) {
	char line[128];
	int length = snprintf(line, sizeof line, "{\"innkeeper\":\"close\",\"name\":\"%s\"}\n", held->name);
	EACH(worker, worker)
		if (worker->told >= held->serial && !send_with_fd(worker->channel.fd, line, (size_t)length, -1)) kill(worker->pid, SIGKILL);
}

static void channel_ready(struct source *source, uint32_t events) {
	char unread[4096]; /* Node's NODE_HANDLE_ACK lines */
	struct worker *worker = HOLDER(source, struct worker, channel);
	if (events & EPOLLOUT) send_sockets(worker);
	if (events & ~(uint32_t)EPOLLOUT && recv(source->fd, unread, sizeof unread, MSG_DONTWAIT) == 0) source_close(source);
}

/* ---- the workers ---- */

static void tell_edge(const struct worker *worker) { event("edge", "worker=%d pid=%d", worker->number, worker->pid); }

static bool is_taken(int number) {
	EACH(worker, worker) if (worker->number == number) return true;
	return false;
}

/* The step that failed, or NULL. */
static const char *start_worker(void) {
	int ends[2], number = 1;
	char line[64];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return "socketpair";
	struct program program = {
		.argv = plan.argv, .envp = plan.envp, .veil = plan.veil, .reveal = plan.reveal, .cwd = "/", .bare = true,
		.fds = {house.null, plan.output, STDERR_FILENO, ends[1]}, .fd_count = 4, .cgroup = cgroup_house, .netns = hall(),
		.uid = house.edge_uid, .gid = house.edge_gid,
	};
	pid_t pid = program_start(&program);
	close_fd(&ends[1]);
	if (pid < 0) close_fd(&ends[0]);
	if (pid < 0) return program.what;
	while (is_taken(number)) number++;
	struct worker *worker = claim(sizeof *worker);
	*worker = (struct worker){.number = number, .pid = pid, .started = now_ms(), .next = all_worker};
	all_worker = worker;
	source_add(&worker->channel, ends[0], EPOLLIN, channel_ready);
	send_with_fd(ends[0], line, (size_t)sprintf(line, "{\"innkeeper\":\"worker\",\"worker\":%d}\n", number), -1);
	send_sockets(worker);
	tell_edge(worker);
	return NULL;
}

static const char *restock(void) {
	uint64_t count = 0;
	const char *what = NULL;
	EACH(worker, worker) {
		if (worker->retired || ++count <= plan.count) continue;
		worker->retired = true;
		kill(worker->pid, SIGTERM);
	}
	for (; count < plan.count && !what; count++) what = start_worker();
	return what;
}

static void restock_later(struct timer *timer) {
	const char *what = restock();
	if (!what) return;
	fprintf(stderr, "innkeeper: keeper: an edge worker cannot be started: %s: %s\n", what, strerror(errno));
	timer_set(timer, LAST_DELAY, restock_later);
}

bool edge_exited(pid_t pid, int status) {
	struct worker *worker = all_worker;
	while (worker && worker->pid != pid) worker = worker->next;
	if (!worker) return false;
	event("edge-exit", "worker=%d pid=%d status=%s", worker->number, worker->pid, status_text(status));
	delay = next_delay(delay, worker->started);
	timer_set(&restock_timer, delay, restock_later);
	UNLINK(all_worker, worker);
	source_close(&worker->channel);
	free(worker);
	return true;
}

/* ---- requests ---- */

static char **keep_list(char **old, char **list) {
	for (char **item = old; item && *item; item++) free(*item);
	free(old);
	for (char **item = list; *item; item++) *item = copy_of(*item);
	return list;
}

REQUEST(edges) {
	const char *log = text_of(message, "log");
	uint64_t count = number_of(message, "count", 0);
	if (count > 1024) return refuse(EPROTO, "count");
	if (count > 0 && !text_of(message, "arg")) return refuse(EPROTO, "arg");
	int output = log && strcmp(log, "stdout") ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)
	                                          : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, TRAY_END);
	if (output < 0) return "log";
	close_fd(&plan.output);
	plan.output = output;
	plan.count = count;
	plan.argv = keep_list(plan.argv, list_of(message, "arg", 0));
	plan.envp = keep_list(plan.envp, list_of(message, "env", 2));
	plan.veil = keep_list(plan.veil, list_of(message, "veil", 0));
	plan.reveal = keep_list(plan.reveal, list_of(message, "reveal", 0));
	char **end = plan.envp;
	while (*end) end++;
	end[0] = copy_of("NODE_CHANNEL_FD=3"), end[1] = copy_of("NODE_CHANNEL_SERIALIZATION_MODE=json");
	return restock();
}

void tell_edges(void) {
	EACH(worker, worker) tell_edge(worker);
}

void edges_kill(void) {
	EACH(worker, worker) kill(worker->pid, SIGKILL);
}
