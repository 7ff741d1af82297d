/* Every listening socket: made here, kept through stop and start, mended where a tenant spoiled it. */
#include "keeper.h"

/* So long may the last segment of a connection's opening take to come back (the round trip of who asks). */
enum { ASKED_MS = 300 };

struct held *all_held;
static struct held **end_of_held = &all_held;
int hall = -1;
static int host_net = -1;
static bool ending; /* nobody new is let in */

/* ---- options: they live on the socket, so one instance's would meet the next ---- */

/* Those that a server sets before bind(2): they are copied to the held socket at adoption. */
static const struct option {
	int level, name;
} early[] = {
	{SOL_SOCKET, SO_KEEPALIVE}, {SOL_SOCKET, SO_LINGER}, {SOL_SOCKET, SO_OOBINLINE}, {SOL_SOCKET, SO_RCVBUF},
	{SOL_SOCKET, SO_SNDBUF}, {SOL_SOCKET, SO_RCVLOWAT}, {SOL_SOCKET, SO_RCVTIMEO}, {SOL_SOCKET, SO_SNDTIMEO},
	{SOL_SOCKET, SO_PRIORITY}, {SOL_SOCKET, SO_BUSY_POLL}, {IPPROTO_TCP, TCP_NODELAY}, {IPPROTO_TCP, TCP_CORK},
	{IPPROTO_TCP, TCP_KEEPIDLE}, {IPPROTO_TCP, TCP_KEEPINTVL}, {IPPROTO_TCP, TCP_KEEPCNT}, {IPPROTO_TCP, TCP_SYNCNT},
	{IPPROTO_TCP, TCP_LINGER2}, {IPPROTO_TCP, TCP_DEFER_ACCEPT}, {IPPROTO_TCP, TCP_USER_TIMEOUT}, {IPPROTO_TCP, TCP_FASTOPEN},
	{IPPROTO_IP, IP_TOS}, {IPPROTO_IPV6, IPV6_TCLASS},
};

/* Those that tell of the socket or of the moment. And the filter, of which getsockopt(2) counts the length in other units. */
static const struct option passing[] = {
	{SOL_SOCKET, SO_ERROR}, {SOL_SOCKET, SO_ACCEPTCONN}, {SOL_SOCKET, SO_ATTACH_FILTER}, {SOL_SOCKET, SO_INCOMING_CPU},
	{SOL_SOCKET, SO_MEMINFO}, {SOL_SOCKET, SO_INCOMING_NAPI_ID}, {SOL_SOCKET, SO_COOKIE}, {IPPROTO_TCP, TCP_INFO},
	{IPPROTO_TCP, TCP_TIMESTAMP}, {IPPROTO_TCP, TCP_CC_INFO}, {IPPROTO_TCP, TCP_SAVED_SYN}, {IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE},
	{IPPROTO_IP, IP_PKTOPTIONS}, {IPPROTO_IP, IP_LOCAL_PORT_RANGE}, {IPPROTO_IP, IP_PROTOCOL}, {IPPROTO_IPV6, IPV6_2292PKTOPTIONS},
};
enum { LAST_OPTION = 99 };
#define EACH(option, list) for (const struct option *option = list; option < list + sizeof list / sizeof *list; option++)

struct value {
	socklen_t size;
	bool there;
	unsigned char bytes[64];
};
/* A socket that nobody ever changed, and every option that can be read of it. */
static struct pristine {
	int count;
	struct option options[4 * LAST_OPTION];
	struct value values[4 * LAST_OPTION], early[sizeof early / sizeof *early];
} pristine4, pristine6;

static struct value value_of(int fd, int level, int name) {
	struct value value = {.size = sizeof value.bytes};
	value.there = getsockopt(fd, level, name, value.bytes, &value.size) == 0;
	return value;
}

static bool same(const struct value *one, const struct value *other) {
	return !one->there || !other->there || (one->size == other->size && !memcmp(one->bytes, other->bytes, one->size));
}

static bool set_to(int fd, int level, int name, const struct value *wanted) {
	struct value set = *wanted, now;
	int size;
	if (level == SOL_SOCKET && (name == SO_RCVBUF || name == SO_SNDBUF)) { /* the kernel doubles what is set (socket(7)) */
		memcpy(&size, set.bytes, sizeof size);
		size /= 2;
		memcpy(set.bytes, &size, sizeof size);
	}
	setsockopt(fd, level, name, set.bytes, set.size);
	now = value_of(fd, level, name);
	return same(&now, wanted);
}

static const struct pristine *pristine_for(int fd) {
	int domain = AF_INET;
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof domain});
	return domain == AF_INET6 ? &pristine6 : &pristine4;
}

/* What the program set so far. Nothing is cleared: within one instance other processes may need what is set already. */
void copy_options(int from, int to) {
	const struct pristine *pristine = pristine_for(from);
	EACH(option, early) {
		struct value set = value_of(from, option->level, option->name);
		if (!same(&set, &pristine->early[option - early])) set_to(to, option->level, option->name, &set);
	}
}

static bool is_passing(int level, int name) {
	EACH(option, passing) if (option->level == level && option->name == name) return true;
	return false;
}

/* By number, so that none is forgotten that a later kernel has. */
static void look_at(struct pristine *pristine, int fd) {
	static const int levels[] = {SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6};
	EACH(option, early) pristine->early[option - early] = value_of(fd, option->level, option->name);
	for (size_t at = 0; at < sizeof levels / sizeof *levels; at++)
		for (int name = 1; name <= LAST_OPTION; name++) {
			struct value value = value_of(fd, levels[at], name);
			if (!value.there || is_passing(levels[at], name)) continue;
			pristine->options[pristine->count] = (struct option){levels[at], name};
			pristine->values[pristine->count++] = value;
		}
}

/* False: not all of them could be put back. */
static bool restore_options(int fd) {
	const struct pristine *pristine = pristine_for(fd);
	bool all = true;
	for (int at = 0; at < pristine->count; at++) {
		const struct option *option = &pristine->options[at];
		struct value now = value_of(fd, option->level, option->name);
		if (!same(&now, &pristine->values[at])) all = set_to(fd, option->level, option->name, &pristine->values[at]) && all;
	}
	return all;
}

/* ---- the sockets ---- */

static int make_socket(int domain, int flags) {
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (domain == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));
	return fd;
}

/*
 * Nobody in the hall may listen on a port that was not asked for: a dissolved connection that listens without being bound gets any
 * free port of all addresses, another tenant's too. A tenant's sockets, and what is accepted from them, are confined to a range of
 * one port, which is reserved, so that they get none. The guard keeps the tenant from widening it (Linux 6.3; before that it can).
 */
#define NO_PORT 60999U

static void confine(int fd) { setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &(uint32_t){NO_PORT << 16 | NO_PORT}, sizeof(uint32_t)); }

void sockets_start(bool private_hall) {
	int four = make_socket(AF_INET, 0), six = make_socket(AF_INET6, 0);
	look_at(&pristine4, four), look_at(&pristine6, six);
	close_fd(&four), close_fd(&six);
	if (!private_hall) return;
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	host_net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (host_net < 0 || unshare(CLONE_NEWNET)) die(1, "hall", strerror(errno));
	hall = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	write_text(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_reserved_ports", "60999"); /* NO_PORT; /proc/sys may be read-only */
	if (ioctl(fd, SIOCSIFFLAGS, &loopback) || setns(host_net, CLONE_NEWNET)) die(1, "hall", strerror(errno));
	close_fd(&fd);
}

static struct held **slot_of(const char *name) {
	static struct held *slots[SLOTS];
	size_t hash = 5381;
	while (*name) hash = hash * 33 + (unsigned char)*name++;
	return &slots[hash % SLOTS];
}

struct held *held_of(const char *name) {
	struct held *held = *slot_of(name);
	while (held && strcmp(held->name, name)) held = held->same_slot;
	return held;
}

/* sin6_port is at the same place. */
int port_of(const struct sockaddr_storage *address) { return ntohs(((const struct sockaddr_in *)address)->sin_port); }

uint64_t cookie_of(int fd) {
	uint64_t cookie = 0;
	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &(socklen_t){sizeof cookie});
	return cookie;
}

/* Edge-triggered: one event for each burst of visitors, whoever accepts them. Hall sockets are looked at only while watched. */
static void visitors(struct source *source, uint32_t events) {
	struct held *held = HOLDER(source, struct held, source);
	if (!(events & EPOLLIN)) return;
	held->used = now_ms();
	if (!held->watching || protocol_behind()) return;
	held->watching = false;
	event("knock", "name=%s id=%d", held->name, held->id);
}

static uint32_t wanted(const struct held *held) {
	return EPOLLET | (held->watching || (!held->hall && !held->edges) ? EPOLLIN : 0);
}

void held_take(struct held *held, int fd) {
	source_close(&held->source);
	source_add(&held->source, fd, wanted(held), visitors);
}

int socket_at(const struct held *held, bool in_group) {
	bool inside = held->hall && hall >= 0;
	if (inside && setns(hall, CLONE_NEWNET)) return -1;
	/* Edge workers share it, and all are woken: who comes too late must not be held by accept(2). */
	int fd = make_socket(held->address.ss_family, held->edges ? SOCK_NONBLOCK : 0);
	if (inside && setns(host_net, CLONE_NEWNET)) die(1, "cannot leave the hall", strerror(errno));
	if (inside) confine(fd);
	if (in_group) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
	if (bind(fd, (const struct sockaddr *)&held->address, held->size)) close_fd(&fd);
	return fd;
}

/* Anew where it is there already. The step that failed, or NULL. */
static const char *make(struct held *held) {
	close_fd(&held->inside);
	source_close(&held->source);
	int fd = socket_at(held, false);
	if (fd < 0) return "bind";
	if (!door_listen(held, fd)) return close_fd(&fd), "listen";
	getsockname(fd, (struct sockaddr *)&held->address, &held->size);
	held->cookie = cookie_of(fd);
	held_take(held, fd);
	return NULL;
}

static bool accepts(const struct held *held) {
	int accepting = 0;
	struct sockaddr_storage now = {0};
	getsockopt(held->source.fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &(socklen_t){sizeof accepting});
	getsockname(held->source.fd, (struct sockaddr *)&now, &(socklen_t){sizeof now});
	return accepting && !memcmp(&now, &held->address, held->size);
}

/* As fresh as when it was made; replaced, and its queue lost, only where that cannot be. */
void held_restore(struct held *held) {
	door_forget(held);
	int fd = held->source.fd;
	if (ending && !held->hall) return source_close(&held->source); /* nobody will serve who comes */
	bool spoiled = fd < 0 || (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0) && errno == EPERM);
	spoiled = spoiled || !restore_options(fd) || fcntl(fd, F_SETFL, 0) || fcntl(fd, F_SETOWN, 0) || fcntl(fd, F_SETSIG, 0);
	if (spoiled || !door_listen(held, fd) || !accepts(held)) make(held);
}

/* ---- requests ---- */

static bool parse_address(struct held *held, const char *text, uint64_t port) {
	struct sockaddr_in *four = (struct sockaddr_in *)&held->asked;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&held->asked;
	bool is_six = strchr(text, ':');
	held->size = is_six ? sizeof *six : sizeof *four;
	four->sin_family = is_six ? AF_INET6 : AF_INET;
	four->sin_port = htons((uint16_t)port);
	bool is_address = inet_pton(four->sin_family, text, is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr) == 1;
	held->address = held->asked;
	if (is_address) strcpy(held->text, text);
	return is_address;
}

REQUEST(open) {
	static uint64_t last_serial;
	const char *name = text_of(message, "name"), *at = text_of(message, "at"), *to = text_of(message, "to");
	uint64_t id = number_of(message, "id", 0), port = number_of(message, "port", 0), stands_for = number_of(message, "for", 0);
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:.*/_-");
	struct held wish = {.source.fd = -1, .inside = -1, .map = -1, .porter = -1, .id = (uint32_t)id, .hall = !strcmp(at, "hall"), .edges = !strcmp(to, "edges"), .used = -1};
	if (length == 0 || length >= NAME_SIZE || name[length]) return refuse(EPROTO, "name");
	if (id > LAST_ID) return refuse(EPROTO, "id");
	if (port > 65535) return refuse(EPROTO, "port");
	if (stands_for > 65535) return refuse(EPROTO, "for");
	if (!wish.hall && strcmp(at, "host")) return refuse(EPROTO, "at");
	if (!wish.edges && strcmp(to, "tenant")) return refuse(EPROTO, "to");
	if (!parse_address(&wish, text_of(message, "address"), port)) return refuse(EPROTO, "address");
	held = held_of(name);
	if (held && (memcmp(&held->asked, &wish.asked, sizeof wish.asked) || held->id != wish.id || held->hall != wish.hall
	             || held->edges != wish.edges)) return refuse(EEXIST, "name");
	if (!held && ending && !wish.hall) return refuse(ESHUTDOWN, "listen");
	if (!held) {
		held = memcpy(claim(sizeof *held), &wish, sizeof wish);
		const char *what = make(held);
		if (what) return free(held), what;
		strcpy(held->name, name);
		held->stands_for = stands_for ? (int)stands_for : port_of(&held->address);
		held->serial = ++last_serial;
		held->same_slot = *slot_of(name);
		*slot_of(name) = *end_of_held = held;
		end_of_held = &held->next;
		if (held->edges) edges_listen();
	}
	return reply("port=%d", port_of(&held->address));
}

static void held_close(struct held *held) {
	struct held **at = &all_held;
	while (*at != held) at = &(*at)->next;
	*at = held->next;
	if (!*at) end_of_held = at;
	UNLINK(*slot_of(held->name), held, same_slot);
	vps_forget(held);
	if (held->edges) edges_close(held);
	close_fd(&held->inside);
	source_close(&held->source);
	close_fd(&held->map), close_fd(&held->porter);
	free(held);
}

REQUEST(close) {
	held_close(held);
	return NULL;
}

REQUEST(watch) {
	if (held->edges) return refuse(EINVAL, "name");
	held->watching = true;
	source_change(&held->source, wanted(held)); /* epoll looks anew: a visitor who is there already is told at once */
	return NULL;
}

REQUEST(used) { return reply("idle=%l", held->used < 0 ? -1 : now_ms() - held->used); }

REQUEST(mend) {
	bool well = accepts(held);
	if (!well && (!door_listen(held, held->source.fd) || !accepts(held)) && make(held)) return "listen";
	return reply("mended=%d", !well);
}

/* To shut a listening socket down resets all who are queued, in one call that waits for nobody, as accept(2) might. */
REQUEST(dismiss) {
	if (held->edges) return refuse(EINVAL, "name");
	if (vps_of(held->id)) return refuse(EBUSY, "name");
	shutdown(held->source.fd, SHUT_RD);
	if ((!door_listen(held, held->source.fd) || !accepts(held)) && make(held)) return "listen";
	return NULL;
}

/* ---- the end ---- */

/*
 * Closing a listening socket resets whoever lies in its queue or is about to. So it is deafened first: of TCP segments, those that
 * ask for a new connection (SYN without ACK) are dropped. Who has asked before is let in, and who asks now asks again
 * a second later, when the socket is closed, and is refused. Accepted sockets inherit the filter, which is nothing to them.
 */
static void deafen(const struct held *held) {
	enum { FLAGS = 13, SYN = 0x02, ACK = 0x10 }; /* RFC 9293, 3.1 */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};
	setsockopt(held->source.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* Those at which nobody is served any more; the others when their VPS is gone. */
static void close_unserved(struct timer *timer) {
	for (struct held *held = all_held, *next; held; held = next) {
		next = held->next;
		if (!held->hall && (held->edges || !vps_of(held->id))) held_close(held);
	}
}

void sockets_end(void) {
	static struct timer timer;
	ending = true;
	EACH_HELD(held) {
		if (held->hall) continue;
		if (held->edges || !vps_of(held->id)) deafen(held);
		else door_bar(held); /* where that cannot be, the program goes on accepting until it ends */
	}
	house.doors = false;
	timer_set(&timer, ASKED_MS, close_unserved);
}

void tell_sockets(void) {
	EACH_HELD(held)
		event("socket", "name=%s id=%d at=%s address=%s port=%d to=%s", held->name, held->id, held->hall ? "hall" : "host",
		      held->text, port_of(&held->address), held->edges ? "edges" : "tenant");
}
