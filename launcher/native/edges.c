/* Edge workers: started, restarted and retired to keep their count; told of every edge socket over a Node IPC channel. */
#include "keeper.h"

enum { FIRST_DELAY = 50, LAST_DELAY = 2000, STEADY_MS = 1000 };

struct letter { /* a line on its way to a worker, with an fd or -1 */
	struct letter *next;
	int fd;
	size_t length, sent;
	char text[512];
};
struct worker {
	struct source channel;
	int number;
	pid_t pid;
	bool retired;
	int64_t started;
	struct letter *letters;
	struct worker *next;
};
static struct worker *workers;
static struct plan {
	uint64_t count;
	char **argv, **envp, **veil, **reveal;
	int output;
} plan = {.output = -1};
static struct timer restock_timer;
static int64_t delay = FIRST_DELAY;

/* ---- the channel ---- */

static void post(struct worker *worker)
{
	struct letter *letter;
	while (worker->channel.fd >= 0 && (letter = worker->letters)) {
		union {
			struct cmsghdr header;
			char bytes[CMSG_SPACE(sizeof(int))];
		} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
		struct iovec body = {letter->text + letter->sent, letter->length - letter->sent};
		struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
		memcpy(CMSG_DATA(&control.header), &letter->fd, sizeof(int));
		if (letter->fd >= 0) message.msg_control = &control, message.msg_controllen = sizeof control;
		ssize_t sent = sendmsg(worker->channel.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0) break;
		close_fd(&letter->fd);
		letter->sent += (size_t)sent;
		if (letter->sent < letter->length) continue;
		worker->letters = letter->next;
		free(letter);
	}
	if (worker->channel.fd >= 0) source_change(&worker->channel, EPOLLIN | (worker->letters ? EPOLLOUT : 0));
}

static struct letter *write_letter(struct worker *worker)
{
	struct letter **end = &worker->letters;
	while (*end) end = &(*end)->next;
	*end = claim(sizeof **end);
	(*end)->fd = -1;
	return *end;
}

/* Names are of letters that need no escaping in JSON (PROTOCOL.md). */
static void send_socket(struct worker *worker, const struct held *held)
{
	struct letter *letter = write_letter(worker);
	letter->fd = fcntl(held->source.fd, F_DUPFD_CLOEXEC, TRAY_END);
	letter->length = (size_t)snprintf(letter->text, sizeof letter->text,
		"{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":{\"innkeeper\":\"listen\",\"name\":\"%s\",\"id\":%u,"
		"\"address\":\"%s\",\"port\":%u}}\n",
		held->name, held->id, address_text(held), ntohs(((const struct sockaddr_in *)&held->address)->sin_port));
	post(worker);
}

void edges_listen(const struct held *held)
{
	for (struct worker *worker = workers; worker; worker = worker->next) send_socket(worker, held);
}

void edges_close(const char *name)
{
	for (struct worker *worker = workers; worker; worker = worker->next) {
		struct letter *letter = write_letter(worker);
		letter->length = (size_t)snprintf(letter->text, sizeof letter->text, "{\"innkeeper\":\"close\",\"name\":\"%s\"}\n", name);
		post(worker);
	}
}

static void channel_ready(struct source *source, uint32_t events)
{
	char unread[4096]; /* Node's NODE_HANDLE_ACK lines */
	struct worker *worker = HOLDER(source, struct worker, channel);
	if (events & EPOLLOUT) post(worker);
	if (events & ~(uint32_t)EPOLLOUT && recv(source->fd, unread, sizeof unread, MSG_DONTWAIT) == 0) source_close(source);
}

/* ---- the workers ---- */

static int free_number(void)
{
	int number = 1;
	for (const struct worker *worker = workers; worker; worker = worker->next)
		if (worker->number == number) number++, worker = workers;
	return number;
}

static void tell_edge(const struct worker *worker)
{
	event("edge");
	field("worker", "%d", worker->number);
	field("pid", "%d", worker->pid);
	event_end();
}

/* The step that failed, or NULL. */
static const char *start_worker(void)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return "socketpair";
	struct program program = {
		.argv = plan.argv, .envp = plan.envp, .veil = plan.veil, .reveal = plan.reveal, .cwd = "/", .bare = true,
		.fds = {house.null, plan.output, STDERR_FILENO, ends[1]}, .fd_count = 4, .cgroup = cgroup_house, .netns = hall(),
		.uid = house.edge_uid, .gid = house.edge_gid,
	};
	pid_t pid = program_start(&program);
	int error = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return refuse(error, program.what);
	}
	struct worker *worker = claim(sizeof *worker);
	*worker = (struct worker){.number = free_number(), .pid = pid, .started = now_ms(), .next = workers};
	workers = worker;
	source_add(&worker->channel, ends[0], EPOLLIN, channel_ready);
	struct letter *hello = write_letter(worker);
	hello->length = (size_t)sprintf(hello->text, "{\"innkeeper\":\"worker\",\"worker\":%d}\n", worker->number);
	post(worker);
	for (const struct held *held = all_held; held; held = held->next)
		if (held->edges && held->source.fd >= 0) send_socket(worker, held);
	tell_edge(worker);
	return NULL;
}

static const char *restock(void)
{
	uint64_t count = 0;
	const char *what = NULL;
	for (struct worker *worker = workers; worker; worker = worker->next) {
		if (worker->retired) continue;
		if (++count <= plan.count) continue;
		worker->retired = true;
		kill(worker->pid, SIGTERM);
	}
	for (; count < plan.count && !what; count++) what = start_worker();
	return what;
}

static void restock_later(struct timer *timer)
{
	const char *what = restock();
	if (!what) return;
	fprintf(stderr, "innkeeper: keeper: an edge worker cannot be started: %s: %s\n", what, strerror(errno));
	delay = delay * 2 > LAST_DELAY ? LAST_DELAY : delay * 2;
	timer_set(timer, delay, restock_later);
}

bool edge_exited(pid_t pid, int status)
{
	struct worker **at = &workers;
	while (*at && (*at)->pid != pid) at = &(*at)->next;
	struct worker *worker = *at;
	if (!worker) return false;
	*at = worker->next;
	event("edge-exit");
	field("worker", "%d", worker->number);
	field("pid", "%d", worker->pid);
	field("status", "%s", status_text(status));
	event_end();
	if (now_ms() - worker->started > STEADY_MS) delay = FIRST_DELAY;
	else delay = delay * 2 > LAST_DELAY ? LAST_DELAY : delay * 2;
	timer_set(&restock_timer, delay, restock_later);
	for (struct letter *letter; (letter = worker->letters); free(letter)) {
		worker->letters = letter->next;
		close_fd(&letter->fd);
	}
	source_close(&worker->channel);
	free(worker);
	return true;
}

/* ---- requests ---- */

static char **keep_list(char **old, char **list)
{
	for (char **item = old; item && *item; item++) free(*item);
	free(old);
	for (char **item = list; *item; item++) *item = copy_of(*item);
	return list;
}

const char *run_edges(const struct message *message)
{
	const char *log = text_of(message, "log");
	uint64_t count = number_of(message, "count", 0);
	if (count > 1024) return refuse(EPROTO, "count");
	if (count > 0 && !text_of(message, "arg")) return refuse(EPROTO, "arg");
	int output = log && strcmp(log, "stdout") ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : dup(STDOUT_FILENO);
	if (output < 0) return "log";
	fcntl(output, F_SETFD, FD_CLOEXEC);
	close_fd(&plan.output);
	plan.output = output;
	plan.count = count;
	plan.argv = keep_list(plan.argv, list_of(message, "arg", 0));
	plan.envp = keep_list(plan.envp, list_of(message, "env", 2));
	plan.veil = keep_list(plan.veil, list_of(message, "veil", 0));
	plan.reveal = keep_list(plan.reveal, list_of(message, "reveal", 0));
	char **end = plan.envp;
	while (*end) end++;
	*end++ = copy_of("NODE_CHANNEL_FD=3");
	*end = copy_of("NODE_CHANNEL_SERIALIZATION_MODE=json");
	return restock();
}

void tell_edges(void)
{
	for (const struct worker *worker = workers; worker; worker = worker->next) tell_edge(worker);
}

void edges_kill(void)
{
	for (const struct worker *worker = workers; worker; worker = worker->next) kill(worker->pid, SIGKILL);
}
