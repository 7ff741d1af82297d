/*
 * The door of a public socket. Most servers listen before they can answer, so that who lies in their queue meets an error. While the
 * door is shut, the program listens on a socket of its own, and visitors queue at another one of the same address: the two are one
 * group (SO_REUSEPORT), in which a program of the kernel's says whose the visitor is. When the door opens, ours is closed, and the
 * kernel moves its queue, half-made connections too, to the program's (BPF_SK_REUSEPORT_SELECT_OR_MIGRATE, Linux 5.14). No byte
 * passes through us, nobody is refused, and the program never learns of it. Needs root; elsewhere doors stay open.
 */
#include "bpf.h"

/* The places of the group's map. Who bears the mark is let in all the same: the VPS itself, which asks whether it is ready. */
enum { OUTSIDE, INSIDE, PLACES, MARK = 0xfc };

#define STORE(at, value) {.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = at, .imm = value}
#define POINT(to, at) COPY(to, BPF_REG_10), {.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = to, .imm = at}
#define LOAD(size, to, from, at) {.code = BPF_LDX | BPF_MEM | size, .dst_reg = to, .src_reg = from, .off = at}
/* Jumps over `skip` instructions unless the register's lower half has that value. */
#define UNLESS(reg, value, skip) {.code = BPF_JMP32 | BPF_JNE | BPF_K, .dst_reg = reg, .off = skip, .imm = (int32_t)(value)}

static int load(enum bpf_prog_type type, enum bpf_attach_type attach, const struct bpf_insn *code, size_t size) {
	return bpf(BPF_PROG_LOAD, (union bpf_attr){
		.prog_type = type, .expected_attach_type = attach, .insns = (uintptr_t)code, .insn_cnt = (uint32_t)(size / sizeof *code),
		.license = (uintptr_t)"GPL"});
}

/* Chooses the socket of a new connection: the one inside for who bears the mark in his IP header, else the one outside. */
static int make_porter(bool six, int map) {
	/* The traffic class lies in the header's first two bytes. */
	uint16_t mask = htons(six ? 0x0ff0 : 0x00ff), marked = htons(six ? MARK << 4 : MARK);
	const struct bpf_insn code[] = {
		COPY(BPF_REG_6, BPF_REG_1),
		STORE(-4, OUTSIDE),
		STORE(-8, 0),
		MOVE(BPF_REG_2, 0),
		POINT(BPF_REG_3, -8),
		MOVE(BPF_REG_4, 2),
		MOVE(BPF_REG_5, BPF_HDR_START_NET),
		CALL(BPF_FUNC_skb_load_bytes_relative),
		LOAD(BPF_H, BPF_REG_0, BPF_REG_10, -8),
		{.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_0, .imm = mask},
		UNLESS(BPF_REG_0, marked, 1),
		STORE(-4, INSIDE),
		COPY(BPF_REG_1, BPF_REG_6),
		{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_2, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map}, {.code = 0},
		POINT(BPF_REG_3, -4),
		MOVE(BPF_REG_4, 0),
		CALL(BPF_FUNC_sk_select_reuseport), /* an empty place: the kernel takes whom the group still has */
		RETURN(SK_PASS),
	};
	return load(BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE, code, sizeof code);
}

static int make_map(void) {
	return bpf(BPF_MAP_CREATE, (union bpf_attr){
		.map_type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, .key_size = sizeof(uint32_t), .value_size = sizeof(uint64_t),
		.max_entries = PLACES});
}

int held_handed(const struct held *held) { return held->inside >= 0 ? held->inside : held->source.fd; }

bool can_shut_doors(void) {
	int map = make_map(), porter = map < 0 ? -1 : make_porter(false, map);
	bool can = porter >= 0;
	close_fd(&porter), close_fd(&map);
	return can;
}

/* A socket has one place at most, and leaves it by itself when it is closed. fd -1: the place is left empty. */
static bool place(const struct held *held, uint32_t at, int fd) {
	uint64_t value = (uint64_t)fd;
	bpf(BPF_MAP_DELETE_ELEM, (union bpf_attr){.map_fd = (uint32_t)held->map, .key = (uintptr_t)&at});
	return fd < 0 || bpf(BPF_MAP_UPDATE_ELEM, (union bpf_attr){
		.map_fd = (uint32_t)held->map, .key = (uintptr_t)&at, .value = (uintptr_t)&value}) == 0;
}

static bool in_group(int fd, bool on) { return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){on}, sizeof(int)) == 0; }

/* Only what was in a group when it began to listen can be joined later; nobody can join it but while its door is shut. */
bool door_listen(const struct held *held, int fd) {
	bool public = house.doors && !held->hall && !held->edges;
	if (public) in_group(fd, true);
	bool listens = listen(fd, BACKLOG) == 0;
	if (public) in_group(fd, false);
	return listens;
}

static bool station_porter(struct held *held, int fd) {
	if (held->map < 0) held->map = make_map();
	if (held->map >= 0 && held->porter < 0) held->porter = make_porter(held->address.ss_family == AF_INET6, held->map);
	return held->porter >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &held->porter, sizeof held->porter) == 0;
}

bool door_shut(struct held *held, bool handed) {
	int first = held->source.fd;
	if (held->inside >= 0) return true;
	if (!house.doors || held->hall || held->edges || !station_porter(held, first)) return false;
	place(held, OUTSIDE, -1), place(held, INSIDE, -1);
	bool placed = place(held, handed ? INSIDE : OUTSIDE, first) && in_group(first, true);
	int second = placed ? socket_at(held, true) : -1;
	int kept = handed && second >= 0 ? fcntl(first, F_DUPFD_CLOEXEC, TRAY_END) : second; /* the program's own, inside */
	placed = second >= 0 && kept >= 0 && listen(second, BACKLOG) == 0 && place(held, handed ? OUTSIDE : INSIDE, second);
	if (!placed) {
		if (kept != second) close_fd(&kept);
		return close_fd(&second), in_group(first, false), false;
	}
	held->inside = kept;
	held->cookie = cookie_of(held->inside);
	if (handed) held_take(held, second);
	return true;
}

void door_open(struct held *held) {
	int inside = held->inside, accepting = 0;
	if (inside < 0) return;
	getsockopt(inside, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &(socklen_t){sizeof accepting});
	if (!accepting) listen(inside, BACKLOG); /* spoiled by the program already */
	if (house.doors) station_porter(held, inside);
	held->inside = -1;
	held_take(held, inside);
	in_group(inside, false);
	shutdown(inside, SHUT_WR); /* means nothing to a listening socket, but wakes who waits for visitors: a moved queue does not */
}

/* Whoever asks from now on is refused, and who is queued stays: a group whose program chooses nobody. False: it cannot be. */
bool door_bar(const struct held *held) {
	const struct bpf_insn code[] = {RETURN(SK_DROP)};
	int fd = held->source.fd;
	int program = house.doors ? load(BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, code, sizeof code) : -1;
	bool barred = program >= 0 && in_group(fd, true)
	              && setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program, sizeof program) == 0;
	close_fd(&program);
	return barred;
}

/* The instance is gone: what it had not accepted is moved to the queue outside. */
void door_forget(struct held *held) {
	if (held->inside < 0) return;
	close_fd(&held->inside);
	in_group(held->source.fd, false);
	held->cookie = cookie_of(held->source.fd);
}

/* The VPS's own connections to the sockets that it was given behind a shut door bear the mark. */
static void mark(int cgroup, const struct held *held) {
	bool six = held->address.ss_family == AF_INET6;
	const uint32_t *word = six ? (const void *)&((const struct sockaddr_in6 *)&held->address)->sin6_addr
	                           : (const void *)&((const struct sockaddr_in *)&held->address)->sin_addr;
	bool any = !word[0] && (!six || (!word[1] && !word[2] && !word[3]));
	struct bpf_insn code[32], *at = code;
	size_t first = six ? offsetof(struct bpf_sock_addr, user_ip6) : offsetof(struct bpf_sock_addr, user_ip4);
	int words = any ? 0 : six ? 4 : 1;
	*at++ = (struct bpf_insn)COPY(BPF_REG_6, BPF_REG_1);
	*at++ = (struct bpf_insn)LOAD(BPF_W, BPF_REG_7, BPF_REG_6, offsetof(struct bpf_sock_addr, user_port));
	*at++ = (struct bpf_insn)UNLESS(BPF_REG_7, ((const struct sockaddr_in *)&held->address)->sin_port, (int16_t)(2 * words + 8));
	for (int i = 0; i < words; i++) {
		*at++ = (struct bpf_insn)LOAD(BPF_W, BPF_REG_7, BPF_REG_6, (int16_t)(first + (size_t)i * sizeof *word));
		*at++ = (struct bpf_insn)UNLESS(BPF_REG_7, word[i], (int16_t)(2 * (words - i - 1) + 8));
	}
	const struct bpf_insn rest[] = {
		STORE(-4, MARK),
		COPY(BPF_REG_1, BPF_REG_6),
		MOVE(BPF_REG_2, six ? IPPROTO_IPV6 : IPPROTO_IP),
		MOVE(BPF_REG_3, six ? IPV6_TCLASS : IP_TOS),
		POINT(BPF_REG_4, -4),
		MOVE(BPF_REG_5, sizeof(int)),
		CALL(BPF_FUNC_setsockopt),
		RETURN(1),
	};
	memcpy(at, rest, sizeof rest);
	enum bpf_attach_type hook = six ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
	int program = load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, hook, code, (size_t)(at - code) * sizeof *code + sizeof rest);
	bpf(BPF_PROG_ATTACH, (union bpf_attr){.target_fd = (uint32_t)cgroup, .attach_bpf_fd = (uint32_t)program, .attach_type = hook,
	                                      .attach_flags = BPF_F_ALLOW_MULTI});
	close_fd(&program);
}

void door_mark(const struct vps *vps) {
	for (int at = 0; vps->cgroup >= 0 && at < vps->socket_count; at++)
		if (vps->sockets[at]->inside >= 0) mark(vps->cgroup, vps->sockets[at]);
}

REQUEST(shut) {
	if (held->edges) return refuse(EINVAL, "name");
	return door_shut(held, vps_of(held->id) != NULL) ? NULL : refuse(EOPNOTSUPP, "door");
}

REQUEST(admit) { return door_open(held), NULL; }
