/* What the keeper's files know of each other. README.md says which file does what. */
#ifndef KEEPER_H
#define KEEPER_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { BACKLOG = 4096, MAX_SOCKETS = 16, LARGEST_FRAME = 1 << 20, NAME_SIZE = 65, LAST_ID = (1 << 24) - 1 };

#define HOLDER(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

/* loop.c: one thread, one epoll. A source is ready level-triggered unless its events say EPOLLET. */
struct source {
	int fd; /* -1: not in use */
	void (*ready)(struct source *source, uint32_t events);
};
struct timer {
	int64_t at; /* 0: not set */
	void (*fire)(struct timer *timer);
	struct timer *next;
};
void loop_start(void);
void loop_turn(void);
void source_add(struct source *source, int fd, uint32_t events, void (*ready)(struct source *, uint32_t));
void source_change(struct source *source, uint32_t events);
void source_close(struct source *source);
void timer_set(struct timer *timer, int64_t ms, void (*fire)(struct timer *));
void timer_stop(struct timer *timer);
int64_t now_ms(void); /* monotonic */
_Noreturn void die(int status, const char *what, const char *detail);
void *claim(size_t size); /* zeroed memory; dies where there is none */
void *copy_of(const char *text);
void close_fd(int *fd);

/* protocol.c: frames, the table of verbs, answers and events. */
struct message {
	size_t count;
	char **parts; /* the verb, then key=value */
};
const char *check_keys(const struct message *message, const char *keys); /* the wrong key, or NULL */
const char *text_of(const struct message *message, const char *key);
uint64_t number_of(const struct message *message, const char *key, uint64_t absent);
char **list_of(const struct message *message, const char *key, size_t extra); /* NULL-ended, to be freed; room for more */
void reply(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *refuse(int error, const char *what);
void event(const char *verb);
void field(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
void event_end(void);
void protocol_connect(int fd, void (*broken)(void));
void protocol_disconnect(void);
bool protocol_behind(void); /* no launcher takes what is said now */

/* process.c: how every child is born. */
enum { TRAY = 3, TRAY_SIZE = MAX_SOCKETS + 4, TRAY_END = TRAY + TRAY_SIZE };
struct program {
	char **argv, **envp, **veil, **reveal;
	const char *cwd;
	int fds[TRAY_SIZE], fd_count; /* what the program gets as 0, 1, 2 … */
	int cgroup, netns;            /* -1: the keeper's own */
	uid_t uid;                    /* -1: the keeper's own */
	gid_t gid;
	bool adopt, bare, attach, dies_with_keeper;
	uint64_t nofile; /* 0: as the keeper was given it */
	char *listen_pid;
	int notify; /* the outcome, written by the child: the filter's fd, or why it did not exec */
	int error;
	const char *what;
};
void process_start(void); /* before any other fd is opened */
pid_t spawn(struct program *program, int (*run)(void *), void *context, uint64_t flags);
pid_t program_start(struct program *program); /* -1: errno, program->what */
const char *veil(char **covers, char **reveals, bool read_only);

/* sockets.c: every listening socket. */
struct held {
	struct source source;
	char name[NAME_SIZE];
	uint32_t id;
	bool hall, edges, watching;
	uint16_t port;
	struct sockaddr_storage address;
	socklen_t size;
	uint64_t cookie;
	int64_t used;
	struct held *next;
};
extern struct held *all_held;
void sockets_start(bool private_hall);
int hall(void); /* the hall's namespace, -1: the host's */
struct held *held_of(const char *name);
const char *address_text(const struct held *held);
void held_restore(struct held *held);
void copy_options(int from, int to);
uint64_t cookie_of(int fd);
const char *run_open(const struct message *message), *run_close(const struct message *message);
const char *run_watch(const struct message *message), *run_used(const struct message *message);
const char *run_mend(const struct message *message);
void tell_sockets(void);

/* guard.c */
bool guard(int cgroup); /* denies connect and sendmsg to sockets made in it */

/* vps.c: the life of an instance. */
struct vps {
	uint32_t id;
	uint64_t instance;
	pid_t pid;
	uid_t uid;
	int64_t started;
	int cgroup;
	uint64_t namespace; /* tag=pidns: the inode of its pid namespace */
	char notify_name[64];
	char *note, *notified;
	bool exited, killed, flush_asked, flushed;
	struct source life, binds, words; /* cgroup.events or init's channel; seccomp notifications; NOTIFY_SOCKET */
	struct held *sockets[MAX_SOCKETS];
	bool bound[MAX_SOCKETS], listening[MAX_SOCKETS];
	int socket_count;
	int budget;
	uint64_t denied;
	struct timer refill, retry;
	int log_fd;
	char *log;
	uint64_t log_size, log_files, lost;
	bool log_handed;
	struct vps *next;
};
extern struct vps *all_vps;
struct vps *vps_of(uint32_t id);
void vps_exit(struct vps *vps, int status);
void vps_settle(struct vps *vps); /* goes on towards `empty` as far as it can */
void vps_forget(const struct held *held);
bool vps_spend(struct vps *vps); /* one notification or datagram of its budget; false: over it */
const char *run_start(const struct message *message), *run_signal(const struct message *message);
const char *run_kill(const struct message *message), *run_tell(const struct message *message);
const char *run_pids(const struct message *message), *run_owner(const struct message *message);
void tell_vps(void);
const char *status_text(int status);

/* tag.c: which processes are a VPS's. */
extern enum tag { TAG_CGROUP, TAG_PIDNS, TAG_TREE } tag;
size_t members(const struct vps *vps, void (*visit)(pid_t pid, void *context), void *context);
struct vps *owner_of(pid_t pid);
void vps_kill(struct vps *vps);
void vps_signal(struct vps *vps, int number);
pid_t init_start(struct program *program, int *channel, uint64_t *namespace);

/* cgroup.c */
extern const char *cgroup_folder;
void cgroup_start(const char *folder);
int cgroup_make(const char *name);
bool cgroup_remove(const char *name);
bool cgroup_populated(int events);
extern int cgroup_house, cgroup_keeper;
void cgroup_end(void);

/* adopt.c, notify.c */
int install_filter(void);
bool can_adopt(void);
void adopt_ready(struct source *source, uint32_t events);
void notify_open(struct vps *vps);
void notify_ready(struct source *source, uint32_t events);

/* scribe.c */
enum { LONGEST_LOG = 1024 };
void scribe_start(void);
bool scribe_exited(pid_t pid);
void scribe_hand(struct vps *vps);
void scribe_flush(struct vps *vps);
void scribe_end(void);

/* edges.c */
const char *run_edges(const struct message *message);
void edges_listen(const struct held *held);
void edges_close(const char *name);
bool edge_exited(pid_t pid, int status);
void tell_edges(void);
void edges_kill(void);

/* main.c */
extern struct house {
	uid_t edge_uid;
	gid_t edge_gid;
	bool guarded, adopts;
	int null;
	uint64_t last;
	pid_t launcher;
} house;
const char *run_hello(const struct message *message), *run_end(const struct message *message);
#endif
