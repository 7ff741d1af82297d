/* The life of an instance: started, told of, signalled, killed, and empty only when its last process is gone. */
#include "keeper.h"

enum { BUDGET = 200, BUDGET_MS = 100, REMOVE_AGAIN_MS = 2 };
struct vps *all_vps[SLOTS];

struct vps *vps_of(uint64_t id) {
	struct vps *vps = all_vps[id % SLOTS];
	while (vps && vps->id != id) vps = vps->next;
	return vps;
}

struct vps *vps_at(uint64_t id, uint64_t instance) {
	struct vps *vps = all_vps[id % SLOTS];
	while (vps && (vps->id != id || vps->instance != instance)) vps = vps->next;
	return vps;
}

/* True where another instance has it too: one that has closed it leaves it to the next. */
static bool shared(const struct vps *vps, const struct held *held) {
	for (const struct vps *other = all_vps[vps->id % SLOTS]; other; other = other->next)
		for (int at = 0; other != vps && at < other->socket_count; at++)
			if (other->sockets[at] == held) return true;
	return false;
}

static void release(struct vps *vps) {
	UNLINK(all_vps[vps->id % SLOTS], vps, next);
	timer_stop(&vps->refill), timer_stop(&vps->retry);
	errand_end(vps);
	source_close(&vps->life), source_close(&vps->binds), source_close(&vps->ipc);
	notify_close(vps);
	close_fd(&vps->cgroup);
	if (vps->log) log_close(vps->log);
	free(vps->notified), free(vps->memo), free(vps);
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
	if (vps->gone && vps->log) log_part(vps->log); /* a disk that does not answer holds nobody up */
	vps_settle(vps);
}

void vps_settle(struct vps *vps) {
	if (!vps->exited) return;
	if (!vps->gone) {
		if (tag == TAG_CGROUP ? cgroup_populated(vps->life.fd) : vps->pid != 0) return;
		if (tag == TAG_CGROUP && !cgroup_remove(vps->folder)) return timer_set(&vps->retry, REMOVE_AGAIN_MS, settle_again);
		source_close(&vps->life); /* what is removed is ready for ever (kernfs) */
		for (int at = 0; at < vps->socket_count; at++)
			if (vps->sockets[at] && !shared(vps, vps->sockets[at])) held_restore(vps->sockets[at]);
		vps->gone = true;
		timer_set(&vps->retry, FLUSH_MS, settle_again);
	}
	if (vps->log) return;
	event("empty", "id=%d instance=%l lost=%l", vps->id, vps->instance, vps->lost);
	release(vps);
}

const char *status_text(int status) {
	static char text[32];
	if (WIFSIGNALED(status)) snprintf(text, sizeof text, "signal:%d", WTERMSIG(status));
	else snprintf(text, sizeof text, "exit:%d", WEXITSTATUS(status));
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
	EACH_VPS(vps) {
		if (errand_collected(vps, pid, status)) return;
		if (vps->pid != pid) continue;
		if (vps->has_init && vps->life.fd >= 0) life_ready(&vps->life, EPOLLIN); /* its last word: how the program ended */
		vps->pid = 0;
		return first_exited(vps, status);
	}
}

void vps_forget(const struct held *held) {
	for (struct vps *vps = all_vps[held->id % SLOTS]; vps; vps = vps->next)
		for (int at = 0; at < vps->socket_count; at++)
			if (vps->sockets[at] == held) vps->sockets[at] = NULL;
}

/* ---- start ---- */

static const char *take_sockets(struct vps *vps, const struct message *message) {
	char **names = list_of(message, "socket", 0);
	const char *what = NULL;
	for (int at = 0; names[at] && !what; at++) {
		struct held *held = at < MAX_SOCKETS ? held_of(names[at]) : NULL;
		if (held && held->source.fd < 0) held_restore(held); /* spoiled, and it could not be replaced when it was found so */
		if (!held || held->edges || held->id != vps->id || held->source.fd < 0) what = refuse(held ? EPERM : ENOENT, "socket");
		else vps->sockets[vps->socket_count++] = held;
	}
	free(names);
	names = list_of(message, "shut", 0);
	for (int at = 0; names[at] && !what; at++) {
		struct held *held = held_of(names[at]);
		if (!held || held->id != vps->id) what = refuse(ENOENT, "shut");
		else door_shut(held, false); /* where it cannot be, visitors come in as they always did */
	}
	free(names);
	return what;
}

/* What the program gets as 0, 1, 2 …: a tenant the scribe's pipe, an edge worker pipes for the house's lines and its channel. */
static bool lay_fds(struct vps *vps, const struct message *message, struct program *program, int own[3]) {
	int ends[2];
	const char *log = text_of(message, "log"), *ipc = text_of(message, "ipc");
	if (ipc) {
		own[0] = lines_pipe(ACCESS_LOG);
		own[1] = lines_pipe(ERRORS);
		own[2] = edge_channel(vps, ipc);
	} else if (log && pipe2(ends, O_CLOEXEC) == 0) {
		vps->log = log_open(vps, log, ends[0], number_of(message, "log-size", 10 << 20), number_of(message, "log-files", 2));
		own[0] = ends[1];
		fchmod(own[0], 0622); /* for open(2) of /dev/stdout, by whatever user: nobody else comes to a pipe that has no name */
	}
	int out = log || ipc ? own[0] : house.null;
	int err = ipc ? own[1] : out;
	memcpy(program->fds, (int[]){house.null, out, err, own[2]}, 4 * sizeof(int));
	program->fd_count = ipc ? 4 : 3;
	return out >= 0 && err >= 0 && (!ipc || own[2] >= 0);
}

static const char *launch(struct vps *vps, const struct message *message, struct program *program) {
	static char listen_pid[32];
	const char *activation = text_of(message, "activation"), *what = take_sockets(vps, message);
	char **env = program->envp;
	int own[3] = {-1, -1, -1}, events = -1;
	bool listen_fds = !strcmp(activation, "listen-fds");
	program->adopt = !strcmp(activation, "adopt");
	if (what) return what;
	if (!program->argv[0]) return refuse(EPROTO, "arg");
	if (!program->adopt && !listen_fds && strcmp(activation, "port")) return refuse(EPROTO, "activation");
	if (tag == TAG_CGROUP && (program->cgroup = vps->cgroup = cgroup_make(vps->folder)) < 0) return "cgroup";
	if (tag == TAG_CGROUP) { /* before anything runs in it: without it nobody would hear of the end */
		events = openat(vps->cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
		if (events < 0) return "cgroup";
		source_add(&vps->life, events, EPOLLPRI, life_ready);
	}
	door_mark(vps);
	bool laid = lay_fds(vps, message, program, own);
	notify_open(vps);
	while (*env) env++;
	*env++ = vps->notify;
	if (listen_fds) *env = program->listen_pid = listen_pid; /* written by the child, who knows it */
	for (int at = 0; listen_fds && at < vps->socket_count; at++) program->fds[program->fd_count++] = held_handed(vps->sockets[at]);
	if (laid) vps->pid = vps->has_init ? init_start(program, &events) : program_start(program);
	close_fd(&own[0]), close_fd(&own[1]), close_fd(&own[2]);
	if (!laid) return "log";
	if (vps->pid < 0) return outcome->what;
	if (outcome->notify >= 0) source_add(&vps->binds, outcome->notify, EPOLLIN, adopt_ready);
	if (tag != TAG_CGROUP && events >= 0) source_add(&vps->life, events, EPOLLIN, life_ready);
	return NULL;
}

/* Each instance has a cgroup of its own, so that the end of one does not touch another. */
static bool folder_taken(const struct vps *vps) {
	for (const struct vps *other = all_vps[vps->id % SLOTS]; other; other = other->next)
		if (!strcmp(other->folder, vps->folder)) return true;
	return false;
}

REQUEST(start) {
	uint64_t id = number_of(message, "id", 0);
	bool edge = text_of(message, "ipc") != NULL;
	struct timespec now;
	if (id < 1 || id > LAST_ID) return refuse(EPROTO, "id");
	if (vps_of(id) && (edge || number_of(message, "beside", 0) != 1)) return refuse(EEXIST, "id");
	clock_gettime(CLOCK_REALTIME, &now);
	struct program program = {
		.argv = list_of(message, "arg", 0), .envp = list_of(message, "env", 2), .veil = list_of(message, "veil", 0),
		.reveal = list_of(message, "reveal", 0), .cwd = text_of(message, "cwd"), .cgroup = -1, .bare = edge,
		.netns = edge ? hall : -1, .uid = edge ? house.edge_uid : (uid_t)number_of(message, "uid", (uid_t)-1),
		.gid = edge ? house.edge_gid : (gid_t)number_of(message, "gid", (gid_t)-1),
		.humble = number_of(message, "no-new-privs", 0) == 1,
	};
	vps = claim(sizeof *vps);
	*vps = (struct vps){
		.id = (uint32_t)id, .instance = number_of(message, "instance", 0), .budget = BUDGET, .cgroup = -1,
		.life.fd = -1, .binds.fd = -1, .words.fd = -1, .ipc.fd = -1, .has_init = tag != TAG_CGROUP && !edge,
		.uid = program.uid == (uid_t)-1 ? geteuid() : program.uid, .started = now.tv_sec * 1000LL + now.tv_nsec / 1000000,
	};
	snprintf(vps->folder, sizeof vps->folder, "vps-%u", vps->id);
	if (folder_taken(vps)) snprintf(vps->folder, sizeof vps->folder, "vps-%u.%" PRIu64, vps->id, vps->instance);
	const char *what = launch(vps, message, &program);
	int error = errno;
	free(program.argv), free(program.envp), free(program.veil), free(program.reveal);
	if (what) {
		if (vps->cgroup >= 0) cgroup_remove(vps->folder);
		for (int at = 0; at < vps->socket_count; at++) door_forget(vps->sockets[at]);
		release(vps);
		return refuse(error, what);
	}
	vps->next = all_vps[id % SLOTS];
	all_vps[id % SLOTS] = vps;
	if (vps->instance > house.last) house.last = vps->instance;
	if (vps->log) scribe_take(vps->log);
	const char *memo = text_of(message, "memo");
	if (memo) vps->memo = copy_of(memo);
	return reply("pid=%d", vps->pid);
}

/* ---- the other requests ---- */

REQUEST(signal) {
	uint64_t number = number_of(message, "signal", 0);
	if (number < 1 || number > 64) return refuse(EPROTO, "signal");
	return vps_signal(vps, (int)number), NULL;
}

REQUEST(kill) { return vps_kill(vps), NULL; }

REQUEST(tell) {
	reply("lost=%l denied=%l", vps->log ? vps->log->lost : vps->lost, vps->denied);
	return vps_signal(vps, 0), NULL;
}

REQUEST(owner) {
	vps = owner_of((pid_t)number_of(message, "pid", 0));
	return reply("id=%d", vps ? vps->id : 0);
}

/* The launcher's own words, which the next one is told again. */
REQUEST(remember) {
	uint64_t id = number_of(message, "id", 0);
	if (id && !(vps = vps_at(id, number_of(message, "instance", 0)))) return refuse(ESRCH, "instance");
	char **memo = vps ? &vps->memo : &house.memo;
	free(*memo);
	*memo = copy_of(text_of(message, "memo"));
	return NULL;
}

void tell_vps(void) {
	EACH_VPS(vps) {
		char format[2048] = "id=%d instance=%l pid=%d started=%l notified=%s memo=%s exited=%d";
		for (int at = 0; at < vps->socket_count; at++) /* names hold no sign that means something in a format */
			if (vps->listening[at] && vps->sockets[at]) strcat(strcat(format, " listening="), vps->sockets[at]->name);
		event("vps", format, vps->id, vps->instance, vps->pid, vps->started, vps->notified ? vps->notified : "",
		      vps->memo ? vps->memo : "", vps->exited);
	}
}
