/* The kernel's own small programs (bpf(2)), written by hand: what guard.c and door.c share. */
#ifndef BPF_H
#define BPF_H
#include "keeper.h"

#define MOVE(to, value) {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to, .imm = value}
#define COPY(to, from) {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to, .src_reg = from}
#define CALL(function) {.code = BPF_JMP | BPF_CALL, .imm = function}
#define RETURN(value) MOVE(BPF_REG_0, value), {.code = BPF_JMP | BPF_EXIT}

static inline int bpf(int command, union bpf_attr attributes) {
	return (int)syscall(SYS_bpf, command, &attributes, sizeof attributes);
}
#endif
