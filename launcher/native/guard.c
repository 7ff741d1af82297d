/* The guard: whoever holds a socket made in a guarded cgroup, it can neither connect nor send without being connected. */
#include "keeper.h"

static int bpf(int command, union bpf_attr attributes) {
	return (int)syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

bool guard(int cgroup) {
	static const enum bpf_attach_type hooks[] = {BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_INET6_CONNECT, BPF_CGROUP_UDP4_SENDMSG,
	                                             BPF_CGROUP_UDP6_SENDMSG};
	static const struct bpf_insn deny[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
	                                       {.code = BPF_JMP | BPF_EXIT}};
	bool all = true;
	for (size_t at = 0; at < sizeof hooks / sizeof *hooks; at++) {
		int program = bpf(BPF_PROG_LOAD, (union bpf_attr){
			.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR, .expected_attach_type = hooks[at], .insns = (uintptr_t)deny,
			.insn_cnt = 2, .license = (uintptr_t)"GPL"});
		all = program >= 0 && bpf(BPF_PROG_ATTACH, (union bpf_attr){
			.target_fd = (uint32_t)cgroup, .attach_bpf_fd = (uint32_t)program, .attach_type = hooks[at]}) == 0 && all;
		close_fd(&program);
	}
	return all;
}
