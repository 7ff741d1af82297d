/* What the keeper's files know of each other. README.md says which file does what. */
#ifndef KEEPER_H
#define KEEPER_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, MAX_SOCKETS = 16, MAX_STRAYS = 8, LARGEST_FRAME = 1 << 20, NAME_SIZE = 65, LAST_ID = (1 << 24) - 1 };
enum { SLOTS = 1024, FLUSH_MS = 1000, KILL_AGAIN_MS = 20 };

/* Of newer kernels than some headers are. */
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL 52
#endif
#ifndef TCP_AO_ADD_KEY
#define TCP_AO_ADD_KEY 38
#define TCP_AO_INFO 40
#endif

#define HOLDER(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#define EACH_HELD(held) for (struct held *held = all_held; held; held = held->next)
#define EACH_VPS(vps) for (int slot_ = 0; slot_ < SLOTS; slot_++) for (struct vps *vps = all_vps[slot_]; vps; vps = vps->next)
#define UNLINK(list, item, next) for (__typeof__(&list) at_ = &list; *at_; at_ = &(*at_)->next) if (*at_ == item) { *at_ = item->next; break; }

/* loop.c: one epoll, which all but the scribe's thread goes by; and the small things that every file needs. */
struct source {
	int fd; /* -1: not in use */
	void (*ready)(struct source *source, uint32_t events);
};
struct timer {
	int64_t at; /* 0: not set */
	void (*fire)(struct timer *timer);
	struct timer *next;
};
void loop_start(void), loop_turn(void);
void source_add(struct source *source, int fd, uint32_t events, void (*ready)(struct source *, uint32_t));
void source_change(struct source *source, uint32_t events), source_close(struct source *source);
void timer_set(struct timer *timer, int64_t ms, void (*fire)(struct timer *)), timer_stop(struct timer *timer);
int64_t now_ms(void); /* monotonic */
_Noreturn void die(int status, const char *what, const char *detail);
void *claim(size_t size), *copy_of(const char *text); /* zeroed memory; they die where there is none */
void close_fd(int *fd); /* leaves errno alone */
bool read_text(const char *path, char *text, size_t size), write_text(int folder, const char *path, const char *text);

/* protocol.c: frames, the table of verbs. Formats know %s, %d (int) and %l (64 bits); a space ends a field. */
struct message {
	size_t count;
	char **parts; /* the verb, then key=value */
};
const char *check_keys(const struct message *message, const char *keys); /* the wrong key, or NULL */
const char *text_of(const struct message *message, const char *key);
uint64_t number_of(const struct message *message, const char *key, uint64_t absent);
char **list_of(const struct message *message, const char *key, size_t extra); /* NULL-ended, to be freed; room for more */
const char *refuse(int error, const char *what), *reply(const char *format, ...); /* `reply`: NULL */
struct later {
	uint64_t launcher, seq;
};
const char *answer_later(struct later *later); /* the verb is answered by answer_now(), unless its launcher is gone by then */
void answer_now(const struct later *later, int error, const char *what); /* `error` 0: it is done */
void event(const char *verb, const char *format, ...), protocol_connect(int fd), protocol_disconnect(void);
bool protocol_behind(void); /* no launcher takes what is said now */

/* process.c, veil.c: how every child is born. */
enum { TRAY = 3, TRAY_SIZE = MAX_SOCKETS + 4, TRAY_END = TRAY + TRAY_SIZE };
struct program {
	char **argv, **envp, **veil, **reveal;
	const char *cwd;
	int fds[TRAY_SIZE], fd_count; /* what the program gets as 0, 1, 2 … */
	int cgroup, netns;            /* -1: the keeper's own */
	uid_t uid, gid;               /* -1: the keeper's own */
	bool adopt, bare, humble, attach, outlives; /* `humble`: no_new_privs; `outlives`: the keeper */
	char *listen_pid;
};
extern struct outcome { /* of the last birth: shared memory, written by the child */
	int notify, error; /* the filter's fd; why it did not exec */
	const char *what;  /* NULL: it did; a string constant, which is at the same place in every copy of the keeper */
} *outcome;
void process_start(void); /* before any other fd is opened */
pid_t spawn(struct program *program, int (*run)(void *), void *context, uint64_t flags);
pid_t program_start(struct program *program); /* -1: errno, outcome->what */
const char *veil(char **covers, char **reveals, bool read_only);

/* sockets.c: every listening socket. guard.c: what they may not do. */
struct held {
	struct source source;
	char name[NAME_SIZE];
	uint32_t id;
	bool hall, edges, watching;
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage asked, address; /* they differ where any port was asked for */
	socklen_t size;
	uint64_t cookie, serial; /* `cookie`: of the socket that the program gets */
	int inside, map, porter; /* while the door is shut, the program's own socket; -1: it is open, and `source` is the program's */
	int stands_for; /* the port that a program binds when it is given this */
	int64_t used;
	struct held *next, *same_slot;
};
extern struct held *all_held; /* in the order of their serials */
void sockets_start(bool private_hall), tell_sockets(void);
void sockets_end(void); /* nobody new is let in; what the edges accept on is closed once all who asked before are in */
extern int hall; /* its network namespace, -1: the host's */
int port_of(const struct sockaddr_storage *address);
struct held *held_of(const char *name);
void held_restore(struct held *held), copy_options(int from, int to);
uint64_t cookie_of(int fd);
int socket_at(const struct held *held, bool in_group); /* bound there; -1: errno */
void held_take(struct held *held, int fd); /* the visitors come by that one from now on; the one before is closed */

/* door.c: a public socket whose visitors wait outside. */
bool can_shut_doors(void);
bool door_shut(struct held *held, bool handed); /* `handed`: a program has the socket already; false: it stays open */
void door_open(struct held *held), door_forget(struct held *held);
bool door_bar(const struct held *held);
int held_handed(const struct held *held); /* the socket that the program gets */
bool door_listen(const struct held *held, int fd);

bool guard(int cgroup); /* what sockets made in it may not do, whoever holds them; false: not all of it could be forbidden */

/* vps.c: the life of an instance. */
struct vps {
	uint32_t id, uid;
	uint64_t instance;
	pid_t pid; /* of the first process, or of the init before it; 0: it is gone */
	int64_t started;
	int cgroup, budget, socket_count;
	char folder[40], notify[128], *notified; /* of its cgroup; NOTIFY_SOCKET=…; what was said there last */
	char *memo; /* what the launcher wants to be told of it again; NULL: nothing */
	char file[40]; /* of NOTIFY_SOCKET; empty: it has none */
	bool has_init, exited, gone;
	struct source life, binds, words, ipc; /* cgroup.events or init's channel; bind and listen; NOTIFY_SOCKET; an edge's channel */
	uint64_t told; /* the serial of the last socket that it was sent by its channel */
	struct held *sockets[MAX_SOCKETS];
	bool bound[MAX_SOCKETS], listening[MAX_SOCKETS];
	int strays[MAX_STRAYS], stray_count; /* the calls that were told as `elsewhere`, by their ports; those of listen(2) below 0 */
	uint64_t denied, lost; /* `lost`: once the log is closed */
	struct log *log;
	struct timer refill, retry, errand_limit;
	pid_t errand; /* 0: there is none */
	struct vps *next; /* of its slot */
};
extern struct vps *all_vps[SLOTS]; /* by id */
struct vps *vps_of(uint64_t id), *vps_at(uint64_t id, uint64_t instance); /* any of that id; exactly that */
void vps_collected(pid_t pid, int status), vps_forget(const struct held *held), tell_vps(void);
void vps_settle(struct vps *vps); /* goes on towards `empty` as far as it can; may free it */
bool vps_spend(struct vps *vps); /* one notification or datagram of its budget; false: over it */
const char *status_text(int status);

/* errand.c */
void errand_end(struct vps *vps);
bool errand_collected(struct vps *vps, pid_t pid, int status); /* false: it is not the errand that ended */

/* What the verbs do: NULL, or the step that failed and errno. `held` or `vps`: whom the verb is about. */
#define REQUEST(verb) const char *run_##verb(const struct message *message, struct held *held, struct vps *vps)
REQUEST(hello); REQUEST(open); REQUEST(close); REQUEST(watch); REQUEST(used); REQUEST(mend);
REQUEST(dismiss); REQUEST(holds); REQUEST(shut); REQUEST(admit); REQUEST(run);
REQUEST(start); REQUEST(signal); REQUEST(kill); REQUEST(tell); REQUEST(owner); REQUEST(end);
REQUEST(access_log); REQUEST(remember);

void door_mark(const struct vps *vps);

/* tag.c: which processes are a VPS's. cgroup.c: the server's folder in the cgroup2 tree. */
extern enum tag { TAG_CGROUP, TAG_PIDNS, TAG_TREE } tag;
struct vps *owner_of(pid_t pid);
void vps_each(struct vps *vps, void (*visit)(struct vps *vps, pid_t pid, void *context), void *context); /* process of it */
void vps_signal(struct vps *vps, int number), vps_kill(struct vps *vps); /* signal 0: each process is replied instead */
pid_t init_start(struct program *program, int *channel);
extern const char *cgroup_folder;
extern int cgroup_house;
void cgroup_start(const char *folder), cgroup_end(void);
int cgroup_make(const char *name);
bool cgroup_remove(const char *name), cgroup_populated(int events);

/* scribe.c: logs. The scribe's thread has one from scribe_take() until it gives it back. */
struct log {
	struct vps *vps; /* NULL: it is gone, and somebody else holds the pipe */
	struct source pipe;
	int file, error; /* `error`: why the last write failed; 0: it did not */
	uint64_t size, files, budget;
	int64_t second;
	_Atomic uint64_t lost; /* bytes dropped so far */
	uint64_t lost_before;  /* of them before the error */
	char path[];
};
struct log *log_open(struct vps *vps, const char *path, int pipe, uint64_t size, uint64_t files);
void log_close(struct log *log), log_part(struct log *log); /* `log_part`: from its VPS */
void scribe_start(void), scribe_end(void), scribe_take(struct log *log);
bool scribe_attend(struct source *source, uint32_t events); /* its epoll: `ready` is run by its thread */
void scribe_leave(const struct source *source), pipe_widen(int pipe);
void rotate(const char *path, uint64_t files); /* PATH becomes PATH.1, and so on, to `files` in all */

/* lines.c: the house's own lines, which the scribe writes. outlet.c: where they go. */
enum lines { OUTPUT, ERRORS, ACCESS_LOG };
enum { LINE_SIZE = 1024 }; /* of the keeper's own */
struct order { /* to the scribe; one that is no `end` comes back, to be answered */
	bool end;
	struct later later;
	int error;
	char *path; /* of the access log; NULL: stdout */
	uint64_t size, files;
};
bool scribe_order(struct order *order);
int lines_pipe(enum lines to); /* the end by which a process says its lines; -1: errno */
void lines_start(void), lines_end(void), lines_answer(struct order *order), lines_greet(const char *greeting);
bool lines_obey(struct order *order); /* true: it is to be answered */
bool lines_write(void); /* true: the house ends, and everything is written */
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); /* a line of the keeper's; never waits */
void say_last(const char *what, const char *detail);
size_t line_compose(char line[LINE_SIZE], const char *format, va_list words);
ssize_t write_now(int fd, const char *text, size_t length);
void lines_tell(const char *format, ...) __attribute__((format(printf, 1, 2))); /* a line of the scribe's */
void outlets_start(void), outlet_take(enum lines to, const char *text, size_t length);
int outlet_reopen(char *path, uint64_t size, uint64_t files); /* the access log; takes the path; 0, or why it is not open */
int outlets_wait(void);   /* ms until outlets_write() is to be called; -1: after the next event */
bool outlets_write(void); /* true: nothing is held */

/* adopt.c, notify.c, edges.c */
int install_filter(void);
bool can_adopt(void);
void adopt_ready(struct source *source, uint32_t events);
void notify_start(const char *run), notify_end(void), notify_open(struct vps *vps), notify_close(struct vps *vps);
int edge_channel(struct vps *vps, const char *first_line); /* the worker's end; -1: errno */
void edges_listen(void), edges_close(const struct held *held);

/* main.c */
extern struct house {
	uid_t edge_uid, edge_gid;
	bool guarded, adopts, doors;
	int null;
	uint64_t last; /* instance */
	pid_t launcher;
	char *memo; /* as a VPS's, of the house */
} house;
#endif
