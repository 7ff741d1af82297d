/* An errand: one command at a time in a VPS that lives, which finds out something for us; today whether it is ready. */
#include "keeper.h"

static void overdue(struct timer *timer) {
	struct vps *vps = HOLDER(timer, struct vps, errand_limit);
	errand_end(vps);
}

void errand_end(struct vps *vps) {
	if (vps->errand > 0) kill(vps->errand, SIGKILL);
	timer_stop(&vps->errand_limit);
}

bool errand_collected(struct vps *vps, pid_t pid, int status) {
	if (vps->errand != pid) return false;
	vps->errand = 0;
	timer_stop(&vps->errand_limit);
	event("ran", "id=%d instance=%l status=%s", vps->id, vps->instance, status_text(status));
	return true;
}

/* It has no filter, so that what it binds is its own affair, and no log: it says what it has to say by its exit status. */
REQUEST(run) {
	if (vps->errand > 0) return refuse(EBUSY, "run");
	struct program program = {
		.argv = list_of(message, "arg", 0), .envp = list_of(message, "env", 0), .veil = list_of(message, "veil", 0),
		.reveal = list_of(message, "reveal", 0), .cwd = text_of(message, "cwd"), .cgroup = vps->cgroup, .netns = -1,
		.fds = {house.null, house.null, house.null}, .fd_count = 3, .uid = (uid_t)number_of(message, "uid", (uid_t)-1),
		.gid = (gid_t)number_of(message, "gid", (gid_t)-1), .humble = number_of(message, "no-new-privs", 0) == 1,
	};
	bool named = program.argv[0] != NULL;
	pid_t pid = named ? program_start(&program) : -1;
	int error = named ? errno : EPROTO;
	free(program.argv), free(program.envp), free(program.veil), free(program.reveal);
	if (pid < 0) return refuse(error, named ? outcome->what : "arg");
	vps->errand = pid;
	timer_set(&vps->errand_limit, (int64_t)number_of(message, "limit", 0), overdue);
	return reply("pid=%d", pid);
}
