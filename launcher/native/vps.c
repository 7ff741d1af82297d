/* The life of an instance: started, told of, signalled, killed, and empty only when its last process is gone. */
#include "keeper.h"

enum { BUDGET = 200, BUDGET_MS = 100, PIPE_SIZE = 1 << 20, FLUSH_MS = 1000 };
struct vps *all_vps;
static struct vps *slots[SLOTS]; /* by id */

struct vps *vps_of(uint64_t id) {
	struct vps *vps = slots[id % SLOTS];
	while (vps && vps->id != id) vps = vps->same_slot;
	return vps;
}

static const char *folder_of(const struct vps *vps) {
	static char name[32];
	snprintf(name, sizeof name, "vps-%u", vps->id);
	return name;
}

static void release(struct vps *vps) {
	UNLINK(all_vps, vps, next);
	UNLINK(slots[vps->id % SLOTS], vps, same_slot);
	timer_stop(&vps->refill), timer_stop(&vps->retry);
	source_close(&vps->life), source_close(&vps->binds), source_close(&vps->words), source_close(&vps->ipc);
	close_fd(&vps->cgroup), close_fd(&vps->log_fd);
	free(vps->log), free(vps->notified), free(vps);
}

/* ---- budget: a hostile VPS can make the keeper work, but not for long ---- */

static void refill(struct timer *timer) {
	struct vps *vps = HOLDER(timer, struct vps, refill);
	vps->budget = BUDGET;
	source_change(&vps->binds, EPOLLIN), source_change(&vps->words, EPOLLIN);
}

bool vps_spend(struct vps *vps) {
	if (!vps->refill.at) timer_set(&vps->refill, BUDGET_MS, refill);
	if (vps->budget-- > 0) return true;
	vps->denied++;
	source_change(&vps->binds, 0), source_change(&vps->words, 0);
	return false;
}

/* ---- towards empty ---- */

static void settle_again(struct timer *timer) {
	struct vps *vps = HOLDER(timer, struct vps, retry);
	vps->flushed |= vps->gone; /* a scribe that does not answer holds nobody up */
	vps_settle(vps);
}

void vps_settle(struct vps *vps) {
	if (!vps->exited) return;
	if (!vps->gone) {
		if (tag == TAG_CGROUP ? cgroup_populated(vps->life.fd) : vps->pid != 0) return;
		if (tag == TAG_CGROUP && !cgroup_remove(folder_of(vps))) {
			timer_set(&vps->retry, 2, settle_again);
			return;
		}
		for (int at = 0; at < vps->socket_count; at++)
			if (vps->sockets[at]) held_restore(vps->sockets[at]);
		vps->gone = true;
		timer_set(&vps->retry, FLUSH_MS, settle_again);
	}
	if (!vps->flushed) return;
	event("empty", "id=%d instance=%l lost=%l", vps->id, vps->instance, vps->lost);
	release(vps);
}

const char *status_text(int status) {
	static char text[32];
	bool signal = WIFSIGNALED(status);
	snprintf(text, sizeof text, "%s:%d", signal ? "signal" : "exit", signal ? WTERMSIG(status) : WEXITSTATUS(status));
	return text;
}

static void first_exited(struct vps *vps, int status) {
	if (!vps->exited) event("exit", "id=%d instance=%l status=%s", vps->id, vps->instance, status_text(status));
	vps->exited = true;
	vps_settle(vps);
}

static void life_ready(struct source *source, uint32_t events) {
	struct vps *vps = HOLDER(source, struct vps, life);
	int status; /* from the VPS's init */
	if (tag == TAG_CGROUP && cgroup_populated(source->fd)) return; /* the reading is what ends the event */
	if (tag == TAG_CGROUP) vps_settle(vps);
	else if (recv(source->fd, &status, sizeof status, MSG_DONTWAIT) == sizeof status) first_exited(vps, status);
	else source_close(source);
}

void vps_collected(pid_t pid, int status) {
	struct vps *vps = all_vps;
	while (vps && vps->pid != pid) vps = vps->next;
	if (!vps) return; /* an orphan */
	if (vps->has_init && vps->life.fd >= 0) life_ready(&vps->life, EPOLLIN); /* its last word: how the program ended */
	vps->pid = 0;
	first_exited(vps, status);
}

void vps_forget(const struct held *held) {
	struct vps *vps = vps_of(held->id);
	for (int at = 0; vps && at < vps->socket_count; at++)
		if (vps->sockets[at] == held) vps->sockets[at] = NULL;
}

/* ---- start ---- */

static const char *take_sockets(struct vps *vps, const struct message *message) {
	char **names = list_of(message, "socket", 0);
	const char *what = NULL;
	for (int at = 0; names[at] && !what; at++) {
		struct held *held = at < MAX_SOCKETS ? held_of(names[at]) : NULL;
		if (!held || held->edges || held->id != vps->id || held->source.fd < 0) what = refuse(held ? EPERM : ENOENT, "socket");
		else vps->sockets[vps->socket_count++] = held;
	}
	free(names);
	return what;
}

/* LISTEN_FDS and its fellows, as sd_listen_fds(3) reads them; LISTEN_PID is written by the child, who knows it. */
static void pass_sockets(const struct vps *vps, struct program *program, char **env) {
	static char names[MAX_SOCKETS * NAME_SIZE + 32], count[32], pid[32];
	char *at = names + sprintf(names, "LISTEN_FDNAMES=");
	for (int number = 0; number < vps->socket_count; number++) {
		const struct held *held = vps->sockets[number];
		const char *slash = strchr(held->name, '/'), *name = slash ? slash + 1 : held->name;
		if (!strncmp(held->name, "hall/", 5)) name = "http";
		if (number) *at++ = ':';
		for (; *name; name++) *at++ = *name == ':' ? '-' : *name;
		program->fds[program->fd_count++] = held->source.fd;
	}
	*at = 0;
	sprintf(count, "LISTEN_FDS=%d", vps->socket_count);
	env[0] = names, env[1] = count, env[2] = program->listen_pid = pid;
}

/* What the program gets as 0, 1, 2 …: for a tenant the scribe's pipe, for an edge worker the house's own and its channel. */
static bool lay_fds(struct vps *vps, struct program *program, const char *log, const char *ipc, int own[2]) {
	int ends[2] = {-1, house.null};
	if (ipc) {
		own[1] = edge_channel(vps, ipc);
		own[0] = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, TRAY_END);
	} else if (log) {
		if (pipe2(ends, O_CLOEXEC)) return false;
		fcntl(vps->log_fd = ends[0], F_SETFL, O_NONBLOCK);
		fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* where the user may not have so much, it stays at 64 KiB */
		vps->log = copy_of(log);
		own[0] = ends[1];
	} else own[0] = fcntl(house.null, F_DUPFD_CLOEXEC, TRAY_END);
	memcpy(program->fds, (int[]){house.null, own[0], ipc ? STDERR_FILENO : own[0], own[1]}, 4 * sizeof(int));
	program->fd_count = ipc ? 4 : 3;
	return own[0] >= 0 && (!ipc || own[1] >= 0);
}

static const char *launch(struct vps *vps, const struct message *message, struct program *program) {
	static char notify[96];
	const char *activation = text_of(message, "activation"), *log = text_of(message, "log"), *what = take_sockets(vps, message);
	char **env = program->envp;
	int own[2] = {-1, -1}, events = -1;
	bool listen_fds = !strcmp(activation, "listen-fds");
	program->adopt = !strcmp(activation, "adopt");
	if (what) return what;
	if (!program->argv[0]) return refuse(EPROTO, "arg");
	if (!program->adopt && !listen_fds && strcmp(activation, "port")) return refuse(EPROTO, "activation");
	if (program->adopt && !house.adopts) return refuse(ENOSYS, "seccomp");
	if (log && strlen(log) >= LONGEST_LOG) return refuse(ENAMETOOLONG, "log");
	if (tag == TAG_CGROUP) program->cgroup = vps->cgroup = cgroup_make(folder_of(vps));
	if (tag == TAG_CGROUP && vps->cgroup < 0) return "cgroup";
	bool laid = lay_fds(vps, program, log, text_of(message, "ipc"), own);
	notify_open(vps);
	snprintf(notify, sizeof notify, "NOTIFY_SOCKET=@%s", vps->notify_name);
	while (*env) env++;
	*env++ = notify;
	if (listen_fds) pass_sockets(vps, program, env);
	if (laid) vps->pid = vps->has_init ? init_start(program, &events) : program_start(program);
	close_fd(&own[0]), close_fd(&own[1]);
	if (!laid) return "log";
	if (vps->pid < 0) return outcome->what;
	if (outcome->notify >= 0) source_add(&vps->binds, outcome->notify, EPOLLIN, adopt_ready);
	if (tag == TAG_CGROUP) events = openat(vps->cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (events >= 0) source_add(&vps->life, events, tag == TAG_CGROUP ? EPOLLPRI : EPOLLIN, life_ready);
	return NULL;
}

REQUEST(start) {
	uint64_t id = number_of(message, "id", 0);
	bool edge = text_of(message, "ipc") != NULL;
	struct timespec now;
	if (id < 1 || id > LAST_ID) return refuse(EPROTO, "id");
	if (vps_of(id)) return refuse(EEXIST, "id");
	clock_gettime(CLOCK_REALTIME, &now);
	struct program program = {
		.argv = list_of(message, "arg", 0), .envp = list_of(message, "env", 4), .veil = list_of(message, "veil", 0),
		.reveal = list_of(message, "reveal", 0), .cwd = text_of(message, "cwd"), .cgroup = -1, .bare = edge,
		.netns = edge ? hall() : -1, .uid = edge ? house.edge_uid : (uid_t)number_of(message, "uid", (uid_t)-1),
		.gid = edge ? house.edge_gid : (gid_t)number_of(message, "gid", (gid_t)-1),
	};
	vps = claim(sizeof *vps);
	*vps = (struct vps){
		.id = (uint32_t)id, .instance = number_of(message, "instance", 0), .budget = BUDGET, .cgroup = -1, .log_fd = -1,
		.life.fd = -1, .binds.fd = -1, .words.fd = -1, .ipc.fd = -1, .has_init = tag != TAG_CGROUP && !edge,
		.uid = program.uid == (uid_t)-1 ? geteuid() : program.uid, .started = now.tv_sec * 1000LL + now.tv_nsec / 1000000,
		.log_size = number_of(message, "log-size", 10 << 20), .log_files = number_of(message, "log-files", 2),
	};
	const char *what = launch(vps, message, &program);
	int error = errno;
	free(program.argv), free(program.envp), free(program.veil), free(program.reveal);
	if (what) {
		if (vps->cgroup >= 0) cgroup_remove(folder_of(vps));
		release(vps);
		return refuse(error, what);
	}
	vps->next = all_vps, all_vps = vps;
	vps->same_slot = slots[id % SLOTS], slots[id % SLOTS] = vps;
	vps->flushed = !vps->log;
	if (vps->instance > house.last) house.last = vps->instance;
	if (vps->log) scribe_hand(vps);
	reply("pid=%d", vps->pid);
	return NULL;
}

/* ---- the other requests ---- */

REQUEST(signal) {
	uint64_t number = number_of(message, "signal", 0);
	if (number < 1 || number > 64) return refuse(EPROTO, "signal");
	vps_signal(vps, (int)number);
	return NULL;
}

REQUEST(kill) {
	vps_kill(vps);
	return NULL;
}

static void reply_pid(pid_t pid, void *context) {
	reply("pid=%d", pid);
}

REQUEST(tell) {
	reply("lost=%l denied=%l", vps->lost, vps->denied);
	members(vps, reply_pid, NULL);
	return NULL;
}

REQUEST(owner) {
	vps = owner_of((pid_t)number_of(message, "pid", 0));
	reply("id=%d", vps ? vps->id : 0);
	return NULL;
}

void tell_vps(void) {
	EACH(vps, vps) {
		char format[2048] = "id=%d instance=%l pid=%d started=%l notified=%s exited=%d";
		for (int at = 0; at < vps->socket_count; at++) /* names hold no sign that means something in a format */
			if (vps->listening[at] && vps->sockets[at]) strcat(strcat(format, " listening="), vps->sockets[at]->name);
		event("vps", format, vps->id, vps->instance, vps->pid, vps->started, vps->notified ? vps->notified : "",
		      vps->exited);
	}
}
