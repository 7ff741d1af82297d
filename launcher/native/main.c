/* The keeper: owns every socket and every process of an Innkeeper, and outlives the rest (PROTOCOL.md). */
#include "keeper.h"

enum { END_MS = 90000, KILL_MS = 5000, LONG_LIFE = 10000, FIRST_DELAY = 50, LAST_DELAY = 2000 };

struct house house;
static char **launcher_argv, **launcher_envp;
static char edge_path[PATH_MAX], lock_path[PATH_MAX];
static const char *control_path;
static int edge_socket, control_socket, stop_signal;
static int64_t launcher_started, delay;
static struct timer launcher_timer, end_timer;
static struct source signals = {.fd = -1};

/* ---- the end ---- */

static _Noreturn void end(int status) {
	int64_t deadline = now_ms() + KILL_MS;
	protocol_disconnect();
	if (house.launcher > 0) kill(house.launcher, SIGKILL);
	EACH_VPS(vps) vps_kill(vps);
	while (now_ms() < deadline) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0) break; /* no child is left */
		if (pid > 0) continue;
		if (tag == TAG_TREE) EACH_VPS(vps) vps_kill(vps); /* it may have forked meanwhile */
		usleep(1000);
	}
	scribe_end();
	cgroup_end();
	notify_end();
	unlink(edge_path), unlink(control_path), unlink(lock_path);
	exit(status);
}

static void end_overdue(struct timer *timer) { end(1); }

REQUEST(end) { end((int)(number_of(message, "status", 0) & 255)); }

/* ---- the launcher ---- */

static void launcher_start(struct timer *timer);

static void launcher_exited(int status) {
	house.launcher = 0;
	protocol_disconnect();
	say("keeper: the launcher is gone (%s); it is started again", status_text(status));
	delay = now_ms() - launcher_started > LONG_LIFE ? 0 : delay < LAST_DELAY / 2 ? delay * 2 + FIRST_DELAY : LAST_DELAY;
	timer_set(&launcher_timer, delay, launcher_start);
}

static void launcher_start(struct timer *timer) {
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) die(1, "launcher", strerror(errno));
	int out = lines_pipe(OUTPUT);
	int err = lines_pipe(ERRORS);
	struct program program = {
		.argv = launcher_argv, .envp = launcher_envp, .cwd = ".", .cgroup = cgroup_house, .netns = hall, .uid = (uid_t)-1,
		.gid = (gid_t)-1, .fds = {STDIN_FILENO, out, err, ends[1], edge_socket, control_socket},
		.fd_count = 6, .outlives = true,
	};
	house.launcher = program_start(&program);
	close_fd(&ends[1]), close_fd(&out), close_fd(&err);
	launcher_started = now_ms();
	if (house.launcher > 0) return protocol_connect(ends[0]);
	say("keeper: %s cannot be started: %s: %s", launcher_argv[0], outcome->what, strerror(outcome->error));
	if (!timer) end(1); /* it never was */
	close_fd(&ends[0]);
	timer_set(timer, LAST_DELAY, launcher_start);
}

static void tell_stop(void) { event("stop", "signal=%d", stop_signal); }

REQUEST(hello) {
	static const char *const names[] = {"cgroup", "pidns", "tree"};
	if (number_of(message, "protocol", 0) != 1) return refuse(EPROTO, "protocol");
	tell_sockets();
	tell_vps();
	if (stop_signal) tell_stop();
	return reply("protocol=1 last=%l tag=%s hall=%d bpf=%d adopt=%d doors=%d memo=%s", house.last, names[tag], hall >= 0,
	             house.guarded, house.adopts, house.doors, house.memo ? house.memo : "");
}

/* ---- signals ---- */

static void signalled(struct source *source, uint32_t events) {
	struct signalfd_siginfo info;
	pid_t pid;
	int status;
	if (read(source->fd, &info, sizeof info) != sizeof info) return;
	while (info.ssi_signo == SIGCHLD && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == house.launcher) launcher_exited(status);
		else vps_collected(pid, status);
	}
	if (info.ssi_signo == SIGHUP) event("reload", "");
	if (info.ssi_signo != SIGTERM && info.ssi_signo != SIGINT) return; /* all others mean nothing to the keeper */
	if (stop_signal) end(1);
	stop_signal = (int)info.ssi_signo;
	timer_set(&end_timer, END_MS, end_overdue);
	sockets_end();
	tell_stop();
}

/* ---- the start ---- */

static int listen_unix(const char *path, uid_t uid, gid_t gid) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path) die(1, path, "the path of a socket has at most 107 bytes");
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) die(3, path, "somebody answers there");
	if (errno == ECONNREFUSED) unlink(path);
	umask(0177);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG)) die(1, path, strerror(errno));
	if (uid != (uid_t)-1 && chown(path, uid, gid)) die(1, path, strerror(errno));
	umask(022);
	return fd;
}

int main(int count, char **arguments) {
	const struct message options = {(size_t)count, arguments};
	sigset_t all;
	const char *wrong = check_keys(&options, "run control tag ?cgroup hall# ?edge-uid# ?edge-gid# ?greeting *launcher *launcher-env");
	if (wrong) die(2, wrong, "not as PROTOCOL.md says");
	const char *run = text_of(&options, "run"), *tag_name = text_of(&options, "tag"), *folder = text_of(&options, "cgroup");
	control_path = text_of(&options, "control");
	tag = !strcmp(tag_name, "cgroup") ? TAG_CGROUP : !strcmp(tag_name, "pidns") ? TAG_PIDNS : TAG_TREE;
	if ((tag == TAG_CGROUP) != (folder != NULL)) die(2, "cgroup", "goes with tag=cgroup");
	house.edge_uid = (uid_t)number_of(&options, "edge-uid", (uid_t)-1);
	house.edge_gid = (gid_t)number_of(&options, "edge-gid", (gid_t)-1);
	launcher_argv = list_of(&options, "launcher", 0);
	launcher_envp = list_of(&options, "launcher-env", 0);
	if (house.edge_uid == 0) die(2, "edge-uid", "must not be root");
	if (!launcher_argv[0]) die(2, "launcher", "is missing");

	syscall(SYS_close_range, TRAY, ~0U, 0);
	house.null = fcntl(open("/dev/null", O_RDWR | O_CLOEXEC), F_DUPFD_CLOEXEC, TRAY_END);
	process_start();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	loop_start();
	snprintf(lock_path, sizeof lock_path, "%s/keeper.lock", run); /* a lock ends with its process: it cannot be stale */
	int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0) die(1, lock_path, strerror(errno));
	if (flock(lock, LOCK_EX | LOCK_NB)) die(3, run, "another keeper is running there");
	house.adopts = can_adopt();
	if (folder) cgroup_start(folder);
	house.doors = house.guarded && can_shut_doors();
	notify_start(run);
	sockets_start(number_of(&options, "hall", 0) == 1);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	source_add(&signals, signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), EPOLLIN, signalled);
	snprintf(edge_path, sizeof edge_path, "%s/edge.sock", run);
	edge_socket = listen_unix(edge_path, house.edge_uid, house.edge_gid);
	control_socket = listen_unix(control_path, (uid_t)-1, (gid_t)-1);
	scribe_start();
	if (text_of(&options, "greeting")) lines_greet(text_of(&options, "greeting"));
	launcher_start(NULL);
	for (;;) loop_turn();
}
