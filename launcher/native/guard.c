/*
 * The guard: programs of the kernel's (bpf(2)) on the cgroup in which the keeper makes its sockets. They go by the socket and not by
 * who holds it, so they follow each of them, and what is accepted from it, into every VPS. docs/hall.md lists what they leave.
 */
#include "bpf.h"

#define READ(to, member) {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = to, .src_reg = BPF_REG_6, .off = offsetof(struct bpf_sockopt, member)}
#define WRITE(member, value) {.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_6, .off = offsetof(struct bpf_sockopt, member), .imm = value}
/* Jumps over `skip` instructions unless the register has that value. */
#define UNLESS(reg, value, skip) {.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = reg, .off = skip, .imm = value}
/* Allowed where the caller is in the cgroup of that number: the keeper is, and nobody else. Leaves r6 alone. */
#define ALLOW_IN(number) CALL(BPF_FUNC_get_current_cgroup_id), \
	{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1, .imm = (int32_t)(number)}, {.imm = (int32_t)((number) >> 32)}, \
	{.code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1, .off = 2}, RETURN(1)
/* Two options of setsockopt(2): refused with EPERM; and answered with 0, but not done. Level and name are in r7 and r8. */
#define REFUSE(level, name) UNLESS(BPF_REG_7, level, 3), UNLESS(BPF_REG_8, name, 2), RETURN(0)
#define SWALLOW(level, name) UNLESS(BPF_REG_7, level, 4), UNLESS(BPF_REG_8, name, 3), WRITE(optlen, -1), RETURN(1)

static bool attach(int cgroup, enum bpf_attach_type hook, const struct bpf_insn *code, size_t size) {
	bool option = hook == BPF_CGROUP_SETSOCKOPT;
	int program = bpf(BPF_PROG_LOAD, (union bpf_attr){
		.prog_type = option ? BPF_PROG_TYPE_CGROUP_SOCKOPT : BPF_PROG_TYPE_CGROUP_SOCK_ADDR, .expected_attach_type = hook,
		.insns = (uintptr_t)code, .insn_cnt = (uint32_t)(size / sizeof *code), .license = (uintptr_t)"GPL"});
	bool attached = program >= 0 && bpf(BPF_PROG_ATTACH, (union bpf_attr){
		.target_fd = (uint32_t)cgroup, .attach_bpf_fd = (uint32_t)program, .attach_type = hook}) == 0;
	close_fd(&program);
	return attached;
}

bool guard(int cgroup) {
	struct stat folder; /* its inode's number is the cgroup's */
	if (fstat(cgroup, &folder)) return false;
	const struct bpf_insn deny[] = {RETURN(0)};
	const struct bpf_insn keeper_alone[] = {ALLOW_IN(folder.st_ino), RETURN(0)};
	const struct bpf_insn options[] = {
		COPY(BPF_REG_6, BPF_REG_1),
		READ(BPF_REG_7, level),
		READ(BPF_REG_8, optname),
		WRITE(optlen, 0), /* the kernel reads the value itself, however long it is */
		ALLOW_IN(folder.st_ino),
		/* What would let a dissolved connection listen on a port of its choice (sockets.c, confine). */
		REFUSE(IPPROTO_IP, IP_LOCAL_PORT_RANGE),
		/* Keys that cannot be read back, so that nobody could tell that the next instance's visitors are shut out. */
		REFUSE(IPPROTO_TCP, TCP_MD5SIG),
		REFUSE(IPPROTO_TCP, TCP_MD5SIG_EXT),
		REFUSE(IPPROTO_TCP, TCP_AO_ADD_KEY),
		REFUSE(IPPROTO_TCP, TCP_AO_INFO),
		/* Whose visitors are at a door is for the keeper to say (door.c). */
		REFUSE(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF),
		REFUSE(SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF),
		REFUSE(SOL_SOCKET, SO_DETACH_REUSEPORT_BPF),
		/* Whether the keeper may bind the same address again is not for the tenant to say; servers ask out of habit. */
		SWALLOW(SOL_SOCKET, SO_REUSEADDR),
		SWALLOW(SOL_SOCKET, SO_REUSEPORT),
		RETURN(1),
	};
	bool all = attach(cgroup, BPF_CGROUP_INET4_CONNECT, deny, sizeof deny);
	all = attach(cgroup, BPF_CGROUP_INET6_CONNECT, deny, sizeof deny) && all;
	all = attach(cgroup, BPF_CGROUP_UDP4_SENDMSG, deny, sizeof deny) && all;
	all = attach(cgroup, BPF_CGROUP_UDP6_SENDMSG, deny, sizeof deny) && all;
	all = attach(cgroup, BPF_CGROUP_INET4_BIND, keeper_alone, sizeof keeper_alone) && all;
	all = attach(cgroup, BPF_CGROUP_INET6_BIND, keeper_alone, sizeof keeper_alone) && all;
	return attach(cgroup, BPF_CGROUP_SETSOCKOPT, options, sizeof options) && all;
}
