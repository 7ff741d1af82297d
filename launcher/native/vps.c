/* The life of an instance: started, told of, signalled, killed, and empty only when its last process is gone. */
#include "keeper.h"
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { BUDGET = 200, BUDGET_MS = 100, PIPE_SIZE = 1 << 20, FLUSH_MS = 1000 };
struct vps *all_vps;

struct vps *vps_of(uint32_t id)
{
	struct vps *vps = all_vps;
	while (vps && vps->id != id) vps = vps->next;
	return vps;
}

static void say(const char *verb, const struct vps *vps)
{
	event(verb);
	field("id", "%u", vps->id);
	field("instance", "%llu", (unsigned long long)vps->instance);
}

static const char *folder_of(const struct vps *vps)
{
	static char name[32];
	snprintf(name, sizeof name, "vps-%u", vps->id);
	return name;
}

static void release(struct vps *vps)
{
	struct vps **at = &all_vps;
	while (*at && *at != vps) at = &(*at)->next;
	if (*at) *at = vps->next;
	timer_stop(&vps->refill);
	timer_stop(&vps->retry);
	source_close(&vps->life);
	source_close(&vps->binds);
	source_close(&vps->words);
	close_fd(&vps->cgroup);
	close_fd(&vps->log_fd);
	free(vps->log);
	free(vps->note);
	free(vps->notified);
	free(vps);
}

/* ---- budget: a hostile VPS can make the keeper work, but not for long ---- */

static void refill(struct timer *timer)
{
	struct vps *vps = HOLDER(timer, struct vps, refill);
	vps->budget = BUDGET;
	if (vps->binds.fd >= 0) source_change(&vps->binds, EPOLLIN);
	if (vps->words.fd >= 0) source_change(&vps->words, EPOLLIN);
}

bool vps_spend(struct vps *vps)
{
	if (!vps->refill.at) timer_set(&vps->refill, BUDGET_MS, refill);
	if (vps->budget-- > 0) return true;
	vps->denied++;
	if (vps->binds.fd >= 0) source_change(&vps->binds, 0);
	if (vps->words.fd >= 0) source_change(&vps->words, 0);
	return false;
}

/* ---- towards empty ---- */

static bool alive(const struct vps *vps)
{
	switch (tag) {
	case TAG_CGROUP: return cgroup_populated(vps->life.fd);
	case TAG_PIDNS: return vps->pid != 0; /* its init is gone last */
	default: return members(vps, NULL, NULL) > 0;
	}
}

static void settle_again(struct timer *timer)
{
	struct vps *vps = HOLDER(timer, struct vps, retry);
	if (!alive(vps)) vps->flushed = vps->flushed || vps->flush_asked; /* a scribe that does not answer holds nobody up */
	else if (vps->killed && tag == TAG_TREE) vps_kill(vps); /* it may have forked meanwhile */
	vps_settle(vps);
}

void vps_settle(struct vps *vps)
{
	if (!vps->exited) return;
	if (alive(vps)) {
		if (tag == TAG_TREE) timer_set(&vps->retry, vps->killed ? 20 : 500, settle_again);
		return;
	}
	if (!vps->flush_asked) {
		if (tag == TAG_CGROUP && !cgroup_remove(folder_of(vps))) {
			timer_set(&vps->retry, 2, settle_again);
			return;
		}
		for (int at = 0; at < vps->socket_count; at++)
			if (vps->sockets[at]) held_restore(vps->sockets[at]);
		vps->flush_asked = true;
		vps->flushed = !vps->log;
		if (vps->log) timer_set(&vps->retry, FLUSH_MS, settle_again), scribe_flush(vps);
	}
	if (!vps->flushed) return;
	say("empty", vps);
	field("lost", "%llu", (unsigned long long)vps->lost);
	event_end();
	release(vps);
}

const char *status_text(int status)
{
	static char text[32];
	if (WIFSIGNALED(status)) snprintf(text, sizeof text, "signal:%d", WTERMSIG(status));
	else snprintf(text, sizeof text, "exit:%d", WEXITSTATUS(status));
	return text;
}

void vps_exit(struct vps *vps, int status)
{
	if (!vps->exited) {
		vps->exited = true;
		say("exit", vps);
		field("status", "%s", status_text(status));
		event_end();
	}
	vps_settle(vps);
}

static void life_ready(struct source *source, uint32_t events)
{
	struct vps *vps = HOLDER(source, struct vps, life);
	(void)events;
	if (tag == TAG_CGROUP) {
		vps_settle(vps);
		return;
	}
	int status; /* from the VPS's init */
	if (recv(source->fd, &status, sizeof status, MSG_DONTWAIT) == sizeof status) vps_exit(vps, status);
	else source_close(source);
}

void vps_forget(const struct held *held)
{
	for (struct vps *vps = all_vps; vps; vps = vps->next)
		for (int at = 0; at < vps->socket_count; at++)
			if (vps->sockets[at] == held) vps->sockets[at] = NULL;
}

/* ---- start ---- */

static const char *take_sockets(struct vps *vps, const struct message *message)
{
	char **names = list_of(message, "socket", 0);
	const char *what = NULL;
	for (int at = 0; names[at] && !what; at++) {
		struct held *held = at < MAX_SOCKETS ? held_of(names[at]) : NULL;
		if (!held || held->edges || held->id != vps->id) what = refuse(held ? EPERM : ENOENT, "socket");
		else if (held->source.fd < 0) what = refuse(EBADF, "socket");
		else vps->sockets[vps->socket_count++] = held;
	}
	free(names);
	return what;
}

/* LISTEN_FDS and its fellows, as sd_listen_fds(3) reads them; LISTEN_PID is written by the child, who knows it. */
static void pass_sockets(const struct vps *vps, struct program *program, char *names, char *count, char *pid)
{
	char *at = names + sprintf(names, "LISTEN_FDNAMES=");
	for (int number = 0; number < vps->socket_count; number++) {
		const struct held *held = vps->sockets[number];
		const char *slash = strchr(held->name, '/');
		const char *name = !strncmp(held->name, "hall/", 5) ? "http" : slash ? slash + 1 : held->name;
		if (number) *at++ = ':';
		for (; *name; name++) *at++ = *name == ':' ? '-' : *name;
		program->fds[program->fd_count++] = held->source.fd;
	}
	*at = 0;
	sprintf(count, "LISTEN_FDS=%d", vps->socket_count);
	program->listen_pid = pid;
	char **end = program->envp;
	while (*end) end++;
	*end++ = names;
	*end++ = count;
	*end++ = pid;
}

static const char *open_log(struct vps *vps, const struct message *message, int *end)
{
	const char *path = text_of(message, "log");
	*end = -1;
	if (!path) return NULL;
	if (strlen(path) >= LONGEST_LOG) return refuse(ENAMETOOLONG, "log");
	int ends[2];
	if (pipe2(ends, O_CLOEXEC)) return "log";
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* where the user may not have so much, it stays at 64 KiB */
	vps->log_fd = ends[0];
	vps->log = copy_of(path);
	vps->log_size = number_of(message, "log-size", 10 << 20);
	vps->log_files = number_of(message, "log-files", 2);
	*end = ends[1];
	return NULL;
}

static const char *launch(struct vps *vps, const struct message *message, struct program *program)
{
	const char *activation = text_of(message, "activation");
	char names[MAX_SOCKETS * NAME_SIZE + 32], count[32], pid[32], notify[96];
	int log_end;
	if (!program->argv[0]) return refuse(EPROTO, "arg");
	program->adopt = !strcmp(activation, "adopt");
	if (!program->adopt && strcmp(activation, "listen-fds") && strcmp(activation, "port")) return refuse(EPROTO, "activation");
	if (program->adopt && !house.adopts) return refuse(ENOSYS, "seccomp");
	const char *what = take_sockets(vps, message);
	if (what) return what;
	if (tag == TAG_CGROUP && (vps->cgroup = cgroup_make(folder_of(vps))) < 0) return "cgroup";
	if ((what = open_log(vps, message, &log_end))) return what;
	notify_open(vps);
	snprintf(notify, sizeof notify, "NOTIFY_SOCKET=@%s", vps->notify_name);
	char **end = program->envp;
	while (*end) end++;
	*end = notify;
	int output = log_end >= 0 ? log_end : house.null;
	program->fds[0] = house.null;
	program->fds[1] = program->fds[2] = output;
	program->fd_count = 3;
	if (!strcmp(activation, "listen-fds")) pass_sockets(vps, program, names, count, pid);
	program->cgroup = vps->cgroup;
	int channel = -1;
	vps->pid = tag == TAG_PIDNS ? init_start(program, &channel, &vps->namespace) : program_start(program);
	int error = errno;
	close_fd(&log_end);
	if (vps->pid < 0) return refuse(error, program->what);
	if (program->notify >= 0) source_add(&vps->binds, program->notify, EPOLLIN, adopt_ready);
	if (channel >= 0) source_add(&vps->life, channel, EPOLLIN, life_ready);
	if (tag == TAG_CGROUP) {
		int events = openat(vps->cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
		if (events >= 0) source_add(&vps->life, events, EPOLLPRI, life_ready);
	}
	return NULL;
}

const char *run_start(const struct message *message)
{
	uint64_t id = number_of(message, "id", 0);
	if (id < 1 || id > LAST_ID) return refuse(EPROTO, "id");
	if (vps_of((uint32_t)id)) return refuse(EEXIST, "id");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct vps *vps = claim(sizeof *vps);
	*vps = (struct vps){.id = (uint32_t)id, .instance = number_of(message, "instance", 0), .budget = BUDGET, .cgroup = -1,
	                    .life.fd = -1, .binds.fd = -1, .words.fd = -1, .log_fd = -1,
	                    .started = now.tv_sec * 1000LL + now.tv_nsec / 1000000};
	struct program program = {
		.argv = list_of(message, "arg", 0), .envp = list_of(message, "env", 4),
		.veil = list_of(message, "veil", 0), .reveal = list_of(message, "reveal", 0), .cwd = text_of(message, "cwd"),
		.cgroup = -1, .netns = -1, .uid = (uid_t)number_of(message, "uid", (uid_t)-1),
		.gid = (gid_t)number_of(message, "gid", (gid_t)-1), .nofile = number_of(message, "nofile", 0), .dies_with_keeper = true,
	};
	vps->uid = program.uid == (uid_t)-1 ? geteuid() : program.uid;
	const char *what = launch(vps, message, &program);
	int error = errno;
	free(program.argv), free(program.envp), free(program.veil), free(program.reveal);
	if (what) {
		if (vps->cgroup >= 0) cgroup_remove(folder_of(vps));
		release(vps);
		return refuse(error, what);
	}
	const char *note = text_of(message, "note");
	vps->note = copy_of(note ? note : "");
	vps->next = all_vps;
	all_vps = vps;
	if (vps->instance > house.last) house.last = vps->instance;
	if (vps->log) scribe_hand(vps);
	reply("pid", "%d", vps->pid);
	return NULL;
}

/* ---- the other requests ---- */

static struct vps *asked(const struct message *message)
{
	struct vps *vps = vps_of((uint32_t)number_of(message, "id", 0));
	return vps && vps->instance == number_of(message, "instance", 0) ? vps : NULL;
}

const char *run_signal(const struct message *message)
{
	struct vps *vps = asked(message);
	uint64_t number = number_of(message, "signal", 0);
	if (!vps) return refuse(ESRCH, "instance");
	if (number < 1 || number > 64) return refuse(EPROTO, "signal");
	vps_signal(vps, (int)number);
	return NULL;
}

const char *run_kill(const struct message *message)
{
	struct vps *vps = asked(message);
	if (!vps) return refuse(ESRCH, "instance");
	vps->killed = true;
	vps_kill(vps);
	return NULL;
}

const char *run_tell(const struct message *message)
{
	const struct vps *vps = asked(message);
	if (!vps) return refuse(ESRCH, "instance");
	reply("lost", "%llu", (unsigned long long)vps->lost);
	reply("denied", "%llu", (unsigned long long)vps->denied);
	return NULL;
}

static void reply_pid(pid_t pid, void *context)
{
	(void)context;
	reply("pid", "%d", pid);
}

const char *run_pids(const struct message *message)
{
	const struct vps *vps = asked(message);
	if (!vps) return refuse(ESRCH, "instance");
	members(vps, reply_pid, NULL);
	return NULL;
}

const char *run_owner(const struct message *message)
{
	const struct vps *vps = owner_of((pid_t)number_of(message, "pid", 0));
	reply("id", "%u", vps ? vps->id : 0);
	return NULL;
}

void tell_vps(void)
{
	for (const struct vps *vps = all_vps; vps; vps = vps->next) {
		say("vps", vps);
		field("pid", "%d", vps->pid);
		field("started", "%lld", (long long)vps->started);
		field("note", "%s", vps->note);
		for (int at = 0; at < vps->socket_count; at++)
			if (vps->listening[at] && vps->sockets[at]) field("listening", "%s", vps->sockets[at]->name);
		field("notified", "%s", vps->notified ? vps->notified : "");
		field("exited", "%d", vps->exited);
		event_end();
	}
}
