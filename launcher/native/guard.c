/* The guard: whoever holds a socket made in a guarded cgroup, it can neither connect nor send without being connected. */
#include "keeper.h"
#include <linux/bpf.h>
#include <sys/syscall.h>

static long bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

bool guard(int cgroup)
{
	static const enum bpf_attach_type hooks[] = {BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_INET6_CONNECT,
	                                             BPF_CGROUP_UDP4_SENDMSG, BPF_CGROUP_UDP6_SENDMSG};
	static const struct bpf_insn deny[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	for (size_t at = 0; at < sizeof hooks / sizeof *hooks; at++) {
		union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR, .expected_attach_type = hooks[at],
		                       .insns = (uintptr_t)deny, .insn_cnt = 2, .license = (uintptr_t)"GPL"};
		int program = (int)bpf(BPF_PROG_LOAD, &load);
		union bpf_attr attach = {.target_fd = (uint32_t)cgroup, .attach_bpf_fd = (uint32_t)program, .attach_type = hooks[at]};
		bool attached = program >= 0 && bpf(BPF_PROG_ATTACH, &attach) == 0;
		close_fd(&program);
		if (!attached) return false;
	}
	return true;
}
