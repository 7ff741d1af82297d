/* Every listening socket: made here, kept through stop and start, mended where a tenant spoiled it. */
#include "keeper.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/time.h>

struct held *all_held;
static int host_net = -1, hall_net = -1;

/*
 * The options that a server sets before bind(2) and that live on the socket: copied to the held one at adoption, put back to a
 * fresh socket's once the instance is gone. `ours` are put back but not copied.
 */
static const struct option {
	int level, name;
	socklen_t size;
	bool ours;
} options[] = {
	{SOL_SOCKET, SO_KEEPALIVE, 4, false}, {SOL_SOCKET, SO_LINGER, 8, false}, {SOL_SOCKET, SO_OOBINLINE, 4, false},
	{SOL_SOCKET, SO_RCVBUF, 4, false}, {SOL_SOCKET, SO_SNDBUF, 4, false}, {SOL_SOCKET, SO_RCVLOWAT, 4, false},
	{SOL_SOCKET, SO_RCVTIMEO, sizeof(struct timeval), false}, {SOL_SOCKET, SO_SNDTIMEO, sizeof(struct timeval), false},
	{SOL_SOCKET, SO_PRIORITY, 4, false}, {SOL_SOCKET, SO_BUSY_POLL, 4, false}, {SOL_SOCKET, SO_DONTROUTE, 4, true},
	{SOL_SOCKET, SO_MARK, 4, true}, {SOL_SOCKET, SO_REUSEADDR, 4, true}, {SOL_SOCKET, SO_REUSEPORT, 4, true},
	{SOL_SOCKET, 62 /* SO_BINDTOIFINDEX */, 4, true}, {IPPROTO_TCP, TCP_NODELAY, 4, false},
	{IPPROTO_TCP, TCP_CORK, 4, false}, {IPPROTO_TCP, TCP_KEEPIDLE, 4, false}, {IPPROTO_TCP, TCP_KEEPINTVL, 4, false},
	{IPPROTO_TCP, TCP_KEEPCNT, 4, false}, {IPPROTO_TCP, TCP_SYNCNT, 4, false}, {IPPROTO_TCP, TCP_LINGER2, 4, false},
	{IPPROTO_TCP, TCP_DEFER_ACCEPT, 4, false}, {IPPROTO_TCP, TCP_USER_TIMEOUT, 4, false},
	{IPPROTO_TCP, TCP_FASTOPEN, 4, false}, {IPPROTO_TCP, TCP_MAXSEG, 4, true}, {IPPROTO_IP, IP_TOS, 4, false},
	{IPPROTO_IP, IP_TTL, 4, true}, {IPPROTO_IP, IP_MINTTL, 4, true}, {IPPROTO_IPV6, IPV6_UNICAST_HOPS, 4, true},
	{IPPROTO_IPV6, 73 /* IPV6_MINHOPCOUNT */, 4, true}, {IPPROTO_IPV6, IPV6_TCLASS, 4, false},
};
enum { OPTIONS = sizeof options / sizeof *options };
struct value {
	bool there;
	union {
		char bytes[16];
		int number;
	};
};
static struct value fresh4[OPTIONS], fresh6[OPTIONS];

static struct value value_of(int fd, const struct option *option)
{
	struct value value = {0};
	socklen_t size = sizeof value.bytes;
	value.there = getsockopt(fd, option->level, option->name, value.bytes, &size) == 0 && size <= sizeof value.bytes;
	return value;
}

static bool set_value(int fd, const struct option *option, struct value value)
{
	/* The kernel doubles a buffer's size when it is set (socket(7)). */
	if (option->level == SOL_SOCKET && (option->name == SO_RCVBUF || option->name == SO_SNDBUF)) value.number /= 2;
	return setsockopt(fd, option->level, option->name, value.bytes, option->size) == 0;
}

static bool same(const struct value *one, const struct value *other)
{
	return !one->there || !other->there || !memcmp(one->bytes, other->bytes, sizeof one->bytes);
}

static struct value *fresh_for(int fd)
{
	int domain = AF_INET;
	socklen_t size = sizeof domain;
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
	return domain == AF_INET6 ? fresh6 : fresh4;
}

/* What the program set so far. Nothing is cleared: within one instance other processes may need what is set already. */
void copy_options(int from, int to)
{
	const struct value *fresh = fresh_for(from);
	for (int at = 0; at < OPTIONS; at++) {
		struct value value = value_of(from, &options[at]);
		if (!options[at].ours && !same(&value, &fresh[at])) set_value(to, &options[at], value);
	}
}

static void learn_fresh(int domain, struct value *fresh)
{
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0) return;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	for (int at = 0; at < OPTIONS; at++) fresh[at] = value_of(fd, &options[at]);
	close(fd);
}

static int make_hall(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	if (unshare(CLONE_NEWNET)) die(1, "hall", strerror(errno));
	int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (net < 0 || fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback)) die(1, "hall", strerror(errno));
	close(fd);
	if (setns(host_net, CLONE_NEWNET)) die(1, "hall", strerror(errno));
	return net;
}

void sockets_start(bool private_hall)
{
	host_net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (private_hall) hall_net = make_hall();
	learn_fresh(AF_INET, fresh4);
	learn_fresh(AF_INET6, fresh6);
}

int hall(void)
{
	return hall_net;
}

struct held *held_of(const char *name)
{
	struct held *held = all_held;
	while (held && strcmp(held->name, name)) held = held->next;
	return held;
}

const char *address_text(const struct held *held)
{
	static char text[INET6_ADDRSTRLEN];
	const void *bytes = held->address.ss_family == AF_INET
		? (const void *)&((const struct sockaddr_in *)&held->address)->sin_addr
		: (const void *)&((const struct sockaddr_in6 *)&held->address)->sin6_addr;
	return inet_ntop(held->address.ss_family, bytes, text, sizeof text);
}

uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof cookie;
	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size);
	return cookie;
}

/* Edge-triggered: one event for each burst of visitors, whoever accepts them. Hall sockets are looked at only while watched. */
static void visitors(struct source *source, uint32_t events)
{
	struct held *held = HOLDER(source, struct held, source);
	if (!(events & EPOLLIN)) return;
	held->used = now_ms();
	if (!held->watching || protocol_behind()) return;
	held->watching = false;
	event("knock");
	field("name", "%s", held->name);
	field("id", "%u", held->id);
	event_end();
}

static uint32_t wanted(const struct held *held)
{
	return held->watching || (!held->hall && !held->edges) ? EPOLLIN | EPOLLET : EPOLLET;
}

/* The step that failed, or NULL. */
static const char *make(struct held *held)
{
	int on = 1;
	if (held->hall && hall_net >= 0 && setns(hall_net, CLONE_NEWNET)) return "setns";
	int fd = socket(held->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (held->hall && hall_net >= 0 && setns(host_net, CLONE_NEWNET)) die(1, "cannot leave the hall", strerror(errno));
	if (fd < 0) return "socket";
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (held->address.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	const char *what = NULL;
	if (bind(fd, (struct sockaddr *)&held->address, held->size)) what = "bind";
	else if (listen(fd, BACKLOG)) what = "listen";
	if (what) {
		int error = errno;
		close(fd);
		return refuse(error, what);
	}
	held->size = sizeof held->address;
	getsockname(fd, (struct sockaddr *)&held->address, &held->size);
	held->cookie = cookie_of(fd);
	source_add(&held->source, fd, wanted(held), visitors);
	return NULL;
}

static bool accepts(const struct held *held)
{
	int accepting = 0;
	socklen_t size = sizeof accepting;
	struct sockaddr_storage now = {0};
	socklen_t now_size = sizeof now;
	getsockopt(held->source.fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &size);
	getsockname(held->source.fd, (struct sockaddr *)&now, &now_size);
	return accepting && now_size == held->size && !memcmp(&now, &held->address, now_size);
}

static bool make_again(struct held *held)
{
	source_close(&held->source);
	return make(held) == NULL;
}

/* As fresh as when it was made; replaced, and its queue lost, only where that cannot be. */
void held_restore(struct held *held)
{
	int fd = held->source.fd;
	bool spoiled = fd < 0;
	for (int at = 0; at < OPTIONS && !spoiled; at++) {
		const struct value *fresh = &fresh_for(fd)[at];
		struct value value = value_of(fd, &options[at]);
		if (same(&value, fresh)) continue;
		set_value(fd, &options[at], *fresh);
		value = value_of(fd, &options[at]);
		spoiled = !same(&value, fresh);
	}
	if (!spoiled) {
		fcntl(fd, F_SETFL, 0);
		spoiled = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0) && errno == EPERM;
	}
	if (spoiled || listen(fd, BACKLOG) || !accepts(held)) make_again(held);
}

/* ---- requests ---- */

static bool parse_address(struct held *held, const char *text)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&held->address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&held->address;
	bool is_six = strchr(text, ':');
	held->address.ss_family = is_six ? AF_INET6 : AF_INET;
	held->size = is_six ? sizeof *six : sizeof *four;
	if (is_six) six->sin6_port = htons(held->port);
	else four->sin_port = htons(held->port);
	return inet_pton(held->address.ss_family, text, is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr) == 1;
}

static bool good_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:.*/_-");
	return length > 0 && length < NAME_SIZE && !name[length];
}

const char *run_open(const struct message *message)
{
	const char *name = text_of(message, "name"), *at = text_of(message, "at"), *to = text_of(message, "to");
	uint64_t id = number_of(message, "id", 0), port = number_of(message, "port", 0);
	if (!good_name(name)) return refuse(EPROTO, "name");
	if (id > LAST_ID) return refuse(EPROTO, "id");
	if (port > 65535) return refuse(EPROTO, "port");
	if (strcmp(at, "hall") && strcmp(at, "host")) return refuse(EPROTO, "at");
	if (strcmp(to, "tenant") && strcmp(to, "edges")) return refuse(EPROTO, "to");
	struct held wish = {.source.fd = -1, .id = (uint32_t)id, .hall = !strcmp(at, "hall"), .edges = !strcmp(to, "edges"),
	                    .port = (uint16_t)port, .used = -1};
	if (!parse_address(&wish, text_of(message, "address"))) return refuse(EPROTO, "address");
	strcpy(wish.name, name);
	struct held *held = held_of(name);
	if (!held) {
		held = claim(sizeof *held);
		*held = wish;
		const char *what = make(held);
		if (what) {
			int error = errno;
			free(held);
			return refuse(error, what);
		}
		held->next = all_held;
		all_held = held;
		if (held->edges) edges_listen(held);
	} else {
		char other[INET6_ADDRSTRLEN];
		strcpy(other, address_text(held));
		if (strcmp(other, address_text(&wish)) || held->port != wish.port || held->id != wish.id || held->hall != wish.hall
		    || held->edges != wish.edges)
			return refuse(EEXIST, "name");
	}
	reply("port", "%u", ntohs(((struct sockaddr_in *)&held->address)->sin_port)); /* sin6_port is at the same place */
	return NULL;
}

const char *run_close(const struct message *message)
{
	struct held *held = held_of(text_of(message, "name"));
	if (!held) return refuse(ENOENT, "name");
	struct held **at = &all_held;
	while (*at != held) at = &(*at)->next;
	*at = held->next;
	vps_forget(held);
	if (held->edges) edges_close(held->name);
	source_close(&held->source);
	free(held);
	return NULL;
}

const char *run_watch(const struct message *message)
{
	struct held *held = held_of(text_of(message, "name"));
	if (!held) return refuse(ENOENT, "name");
	if (held->edges) return refuse(EINVAL, "to");
	held->watching = true;
	source_change(&held->source, wanted(held)); /* epoll looks anew: a visitor who is there already is told at once */
	return NULL;
}

const char *run_used(const struct message *message)
{
	const struct held *held = held_of(text_of(message, "name"));
	if (!held) return refuse(ENOENT, "name");
	reply("idle", "%lld", held->used < 0 ? -1LL : (long long)(now_ms() - held->used));
	return NULL;
}

const char *run_mend(const struct message *message)
{
	struct held *held = held_of(text_of(message, "name"));
	if (!held) return refuse(ENOENT, "name");
	bool well = held->source.fd >= 0 && accepts(held);
	if (!well && (held->source.fd < 0 || listen(held->source.fd, BACKLOG) || !accepts(held)) && !make_again(held))
		return refuse(errno, "listen");
	reply("mended", "%d", !well);
	return NULL;
}

void tell_sockets(void)
{
	for (const struct held *held = all_held; held; held = held->next) {
		event("socket");
		field("name", "%s", held->name);
		field("id", "%u", held->id);
		field("at", "%s", held->hall ? "hall" : "host");
		field("address", "%s", address_text(held));
		field("port", "%u", ntohs(((const struct sockaddr_in *)&held->address)->sin_port));
		field("to", "%s", held->edges ? "edges" : "tenant");
		event_end();
	}
}
